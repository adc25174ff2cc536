"""Harbours and streets: what the picture project shows.  Every thing drawn knows its own box."""
from draw import Picture, Thing, mix, oval, rect, rgb, round_rect

W, H = 640, 400

SKIES = [("bcd9ea", "eef5f3"), ("f3d3b4", "fbeee0"), ("9fb8d8", "f0dcd2"), ("c9d3da", "edf0ee"),
         ("8fc1e3", "e3f1f4")]
PAINT = ["c8503c", "2f6f8f", "e0a83c", "4f7d5b", "7d5a86", "d8d4c8", "3c4a5e", "b9705a"]
SHIRTS = ["d2593f", "2f7f95", "e3b04b", "5f8d5f", "8a6299", "37465a", "c97b8e"]
SKIN = ["f0c8a4", "d9a47c", "a8714c", "75482f"]
HAIR = ["3a2a20", "6b4a2c", "1f1c1c", "b98b4c", "8d8d8d"]
TROUSERS = ["2e3a4d", "54473d", "6d7480", "3f4f44"]
GLASS, TYRE, HUB = rgb("a9cbd6"), rgb("24272b"), rgb("b8bcbf")


# --------------------------------------------------------------------------- things; feet at y = 0

def person(t, rnd):
    shirt, skin = rgb(rnd.choice(SHIRTS)), rgb(rnd.choice(SKIN))
    legs, hair = rgb(rnd.choice(TROUSERS)), rgb(rnd.choice(HAIR))
    step = rnd.choice([2, 5, 7])
    t.add([(-5, -34), (0, -34), (-step + 2, 0), (-step - 3, 0)], legs)
    t.add([(0, -34), (5, -34), (step + 3, 0), (step - 2, 0)], mix(legs, (0, 0, 0), .12))
    t.add(round_rect(-8, -62, 8, -31, 5), shirt)
    t.add([(7, -60), (10, -58), (10, -36), (6, -36)], mix(shirt, (0, 0, 0), .15))
    t.add(oval(8, -35, 2.3, 2.3), skin)
    t.add(rect(-2, -66, 2, -60), skin)
    t.add(oval(0, -71, 6.5, 7.5), skin)
    t.add([p for p in oval(0, -72.5, 7, 7.5) if p[1] < -71], hair)
    if rnd.random() < .35:
        bag = rgb(rnd.choice(PAINT))
        t.add(round_rect(-14, -40, -6, -27, 2), bag)


def wheels(t, at, r):
    for x in at:
        t.add(oval(x, -r, r, r), TYRE)
        t.add(oval(x, -r, r * .5, r * .5), HUB)


def car(t, rnd):
    paint = rgb(rnd.choice(PAINT))
    dark = mix(paint, (0, 0, 0), .18)
    if rnd.random() < .6:
        t.add([(-34, -30), (-22, -49), (16, -49), (32, -30)], paint)
        t.add([(-28, -31), (-19, -45), (-3, -45), (-3, -31)], GLASS)
        t.add([(1, -31), (1, -45), (14, -45), (26, -31)], GLASS)
    else:
        t.add([(-50, -30), (-46, -50), (18, -50), (34, -30)], paint)
        t.add([(-44, -31), (-41, -46), (-22, -46), (-22, -31)], GLASS)
        t.add([(-18, -31), (-18, -46), (-1, -46), (-1, -31)], GLASS)
        t.add([(3, -31), (3, -46), (16, -46), (28, -31)], GLASS)
    t.add(round_rect(-54, -32, 54, -9, 7), paint)
    t.add(rect(-52, -16, 52, -9), dark)
    t.add(round_rect(47, -28, 54, -22, 2), rgb("fbeeb5"))
    t.add(round_rect(-54, -28, -49, -22, 2), rgb("c23b32"))
    wheels(t, (-31, 31), 10.5)


def bus(t, rnd):
    paint = rgb(rnd.choice(["c8503c", "2f6f8f", "4f7d5b", "e0a83c"]))
    t.add(round_rect(-92, -78, 92, -10, 8), paint)
    t.add(rect(-92, -34, 92, -28), rgb("f1ede2"))
    for k in range(6):
        t.add(round_rect(-84 + k * 24, -70, -64 + k * 24, -42, 3), GLASS)
    t.add(round_rect(62, -70, 88, -14, 3), mix(GLASS, (0, 0, 0), .08))
    t.add(rect(74, -70, 76, -14), paint)
    t.add(round_rect(86, -26, 92, -19, 2), rgb("fbeeb5"))
    wheels(t, (-56, 48), 13)


def sail_boat(t, rnd):
    hull = rgb(rnd.choice(PAINT))
    sail = rgb(rnd.choice(["f7f3e8", "f2e3cf", "e9eef0"]))
    t.add(rect(-1.5, -112, 1.5, -14), rgb("6b5138"))
    t.add([(4, -108), (46, -24), (4, -24)], sail)
    t.add([(-4, -98), (-36, -24), (-4, -24)], mix(sail, (120, 130, 140), .16))
    if rnd.random() < .5:
        t.add([(4, -60), (28, -60), (34, -48), (4, -48)], rgb(rnd.choice(PAINT)))
    t.add([(-48, -20), (52, -20), (38, 0), (-36, 0)], hull)
    t.add([(-47, -20), (52, -20), (49.5, -16), (-44, -16)], rgb("f4efe4"))


def motor_boat(t, rnd):
    hull = rgb(rnd.choice(["f1eee6", "2f6f8f", "c8503c", "3c4a5e", "e0a83c"]))
    t.add(round_rect(-30, -44, 16, -20, 4), rgb("e9e6dc"))
    t.add([(-24, -39), (12, -39), (18, -28), (-24, -28)], GLASS)
    t.add(rect(-31, -47, 18, -43), mix(hull, (0, 0, 0), .2))
    t.add([(-56, -22), (62, -26), (44, 0), (-50, 0)], hull)
    t.add([(-55, -17), (57, -20), (55, -17), (-54, -13)], mix(hull, (255, 255, 255), .45))


def ferry(t, rnd):
    hull = rgb(rnd.choice(["2c4a63", "7c3a34", "35584c"]))
    funnel = rgb(rnd.choice(PAINT))
    t.add([(-34, -92), (-10, -92), (-12, -62), (-36, -62)], funnel)
    t.add([(-34, -92), (-10, -92), (-10.5, -86), (-34.5, -86)], rgb("23282d"))
    t.add(round_rect(-70, -64, 62, -42, 4), rgb("f5f2ea"))
    t.add(round_rect(-90, -46, 84, -24, 4), rgb("e9e5da"))
    for k in range(8):
        t.add(oval(-78 + k * 21, -35, 4, 4, 14), mix(GLASS, (0, 0, 0), .2))
    for k in range(6):
        t.add(rect(-60 + k * 20, -58, -47 + k * 20, -50), GLASS)
    t.add([(-104, -28), (112, -30), (90, 0), (-92, 0)], hull)
    t.add([(-98, -10), (97, -10), (90, 0), (-92, 0)], mix(hull, (190, 60, 50), .55))


DRAWN = {"Person": [person], "Car": [car], "Bus": [bus],
         "Boat": [sail_boat, sail_boat, motor_boat, ferry]}


# --------------------------------------------------------------------------- places

def hills(p, rnd, base, far):
    for depth in range(2):
        tint = mix(far, rgb("6f8f86"), .35 + .3 * depth)
        x, points = -40, [(-40, base)]
        while x < W + 80:
            points.append((x, base - rnd.uniform(14, 52) * (1.25 - .5 * depth)))
            x += rnd.uniform(50, 120)
        p.poly(points + [(W + 80, base)], tint)


def clouds(p, rnd, top):
    for _ in range(rnd.randint(1, 3)):
        x, y = rnd.uniform(30, W - 60), rnd.uniform(24, top * .5)
        for k in range(4):
            p.poly(oval(x + k * 17, y + rnd.uniform(-4, 4), rnd.uniform(14, 24),
                        rnd.uniform(8, 12)), (255, 255, 255), .55)


def tree(p, rnd, x, y, s):
    p.poly(rect(x - 3 * s, y - 46 * s, x + 3 * s, y), rgb("70553d"))
    green = rgb(rnd.choice(["5d8a55", "6f9a5a", "4d7a58"]))
    for dx, dy, r in ((0, -74, 24), (-15, -58, 17), (15, -59, 18)):
        p.poly(oval(x + dx * s, y + dy * s, r * s, r * s), mix(green, (255, 255, 255),
                                                            .08 if dx > 0 else 0))


def houses(p, rnd, ground):
    x = -rnd.uniform(0, 40)
    walls = ["e5cfae", "d9b59b", "c9d0c4", "e8e0d0", "c7a98f", "b9c4cc", "dfc2b8"]
    while x < W:
        w, h = rnd.choice([74, 92, 110]), rnd.choice([92, 112, 134])
        wall = rgb(rnd.choice(walls))
        p.poly(rect(x, ground - h, x + w, ground), wall)
        roof = rgb(rnd.choice(["8d5a47", "6d6a70", "9b6a4f", "59646e"]))
        if rnd.random() < .6:
            p.poly([(x - 4, ground - h), (x + w / 2, ground - h - 32), (x + w + 4, ground - h)],
                   roof)
        else:
            p.poly(rect(x - 3, ground - h - 9, x + w + 3, ground - h), roof)
        for row in range(int((h - 34) // 32)):
            for col in range(int(w // 28)):
                wx, wy = x + 12 + col * 27, ground - h + 12 + row * 32
                p.poly(rect(wx - 2, wy - 2, wx + 16, wy + 21), mix(wall, (255, 255, 255), .5))
                p.poly(rect(wx, wy, wx + 14, wy + 19), rgb(rnd.choice(
                    ["7f98a5", "93aab3", "f3dfa2", "7f98a5"])))
        door = x + w / 2 - 8
        p.poly(rect(door, ground - 30, door + 17, ground), mix(roof, (0, 0, 0), .2))
        x += w + rnd.choice([0, 0, 8])


def overlaps(box, boxes, room):
    return any(min(box[2], b[2]) - max(box[0], b[0]) > -room
               and min(box[3], b[3]) - max(box[1], b[1]) > -room / 3 for b in boxes)


def whole(box):
    return box[0] >= 3 and box[1] >= 3 and box[2] <= W - 3 and box[3] <= H - 3


def place(p, rnd, plan, lanes):
    """Puts the planned things on their lanes, far ones first, and returns [(label, box)]."""
    spots, boxes = [], []
    for label in plan:
        draw = rnd.choice(DRAWN[label])
        for _ in range(60):
            y, scale, sway = rnd.choice(lanes[label])
            x, y = rnd.uniform(20, W - 20), y + rnd.uniform(-sway, sway)
            scale, flip, seed = scale * rnd.uniform(.94, 1.06), rnd.random() < .5, rnd.random()
            trial = Thing(None, x, y, scale, flip)
            draw(trial, type(rnd)(seed))
            if whole(trial.box()) and not overlaps(trial.box(), boxes, 6):
                spots.append((y, x, label, draw, scale, flip, seed, trial.box()))
                boxes.append(trial.box())
                break
    out = []
    for y, x, label, draw, scale, flip, seed, b in sorted(spots, key=lambda s: s[:2]):
        shadow = (rgb("23414f"), .18) if label == "Boat" else (rgb("20252a"), .22)
        p.poly(oval((b[0] + b[2]) / 2, y, (b[2] - b[0]) * .5, 4 * scale), *shadow)
        t = Thing(p, x, y, scale, flip)
        draw(t, type(rnd)(seed))
        out.append((label, t.box()))
    return out


def street(rnd):
    p = Picture(W, H)
    top, low = (rgb(c) for c in rnd.choice(SKIES))
    p.band(0, 214, top, low, 12)
    clouds(p, rnd, 150)
    houses(p, rnd, 214)
    p.band(214, 250, rgb("cfc8ba"), rgb("c5bdad"), 2)
    for x in range(rnd.randint(20, 90), W, rnd.choice([150, 190, 230])):
        tree(p, rnd, x, 222, .95)
    p.band(250, 255, rgb("a39c8e"), rgb("a39c8e"), 1)
    p.band(255, 356, rgb("6f7479"), rgb("62676c"), 3)
    for x in range(-20, W, 74):
        p.poly([(x, 301), (x + 40, 301), (x + 38, 305), (x - 2, 305)], rgb("e8e4d6"))
    p.band(356, 361, rgb("a39c8e"), rgb("a39c8e"), 1)
    p.band(361, H, rgb("cbc3b4"), rgb("beb6a6"), 2)
    plan = (["Car"] * rnd.randint(1, 3) + ["Person"] * rnd.randint(1, 3)
            + ["Bus"] * rnd.choice([0, 0, 1]))
    if "Bus" in plan:
        plan.insert(0, plan.pop())
    return p, place(p, rnd, plan[:6], {
        "Car": [(292, .82, 2), (346, 1, 3)], "Bus": [(293, .8, 2), (347, 1, 3)],
        "Person": [(246, .78, 3), (392, 1.08, 3)]})


def harbour(rnd):
    p = Picture(W, H)
    top, low = (rgb(c) for c in rnd.choice(SKIES))
    p.band(0, 150, top, low, 12)
    if rnd.random() < .6:
        p.poly(oval(rnd.uniform(60, W - 60), rnd.uniform(34, 70), 19, 19), rgb("fdf3cf"))
    clouds(p, rnd, 110)
    hills(p, rnd, 150, low)
    sea = rgb(rnd.choice(["5f9db0", "6aa3a8", "5b8fb5", "7ba2ae"]))
    p.band(150, 322, mix(sea, (255, 255, 255), .25), mix(sea, (10, 40, 60), .16), 9)
    for _ in range(46):
        x, y = rnd.uniform(0, W), rnd.uniform(160, 318)
        w = (y - 120) / 9
        p.poly([(x, y), (x + w, y - 1.2), (x + 2 * w, y), (x + w, y + 1.2)], (255, 255, 255), .3)
    if rnd.random() < .5:
        lighthouse(p, rnd)
    p.band(322, 329, rgb("8b8073"), rgb("8b8073"), 1)
    p.band(329, H, rgb("b9ad9b"), rgb("a99d8b"), 3)
    for x in range(rnd.randint(0, 40), W, 64):
        p.poly(rect(x, 329, x + 1.6, H), rgb("a09482"))
    for x in range(rnd.randint(30, 120), W, 190):
        p.poly(round_rect(x - 6, 318, x + 6, 334, 3), rgb("3d4247"))
    plan = (["Boat"] * rnd.randint(2, 4) + ["Car"] * rnd.choice([0, 0, 1])
            + ["Person"] * rnd.randint(0, 2))
    return p, place(p, rnd, plan[:6], {
        "Boat": [(190, .48, 6), (232, .72, 6), (300, 1.02, 6)],
        "Car": [(391, .86, 2)], "Person": [(388, .95, 5)]})


def lighthouse(p, rnd):
    x = rnd.choice([54, W - 60])
    p.poly([(x - 60, 166), (x - 30, 148), (x + 34, 146), (x + 64, 166)], rgb("8a8f83"))
    p.poly([(x - 11, 150), (x - 7, 80), (x + 7, 80), (x + 11, 150)], rgb("f4efe4"))
    for y0, y1 in ((96, 110), (124, 138)):
        a, b = 11 - (150 - y0) * 4 / 70, 11 - (150 - y1) * 4 / 70
        p.poly([(x - a, y0), (x + a, y0), (x + b, y1), (x - b, y1)], rgb("c8503c"))
    p.poly(rect(x - 6, 68, x + 6, 80), rgb("fbe8a6"))
    p.poly([(x - 9, 68), (x, 58), (x + 9, 68)], rgb("c8503c"))
