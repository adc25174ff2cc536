"""A question, the better answer, the worse one, and in what the worse one falls short."""

PAIRS = [
    ("Why does bread go stale faster in the fridge?", "Cold speeds up the way starch crystallises again, so the crumb turns firm and dry. Keep bread at room temperature, or freeze it.", "Because the fridge is dark, and bread needs light to stay fresh.", "correctness"),
    ("How many minutes should I boil an egg for a soft yolk?", "About six minutes from the moment it goes into boiling water, for a medium egg. Then put it in cold water so that it stops cooking.", "Eggs are a fine source of protein and can be prepared in many ways.", "relevance"),
    ("What is the capital of Australia?", "Canberra. Sydney is larger, but it is not the capital.", "Sydney, the largest city of the country.", "correctness"),
    ("My laptop is slow after start-up. What should I try first?", "Look at which programs start by themselves and turn off those you do not need. Then check whether the disk is nearly full.", "Computers get slow. You should buy a new one.", "helpfulness"),
    ("Is it safe to mix bleach and vinegar for cleaning?", "No. Together they give off chlorine gas, which is poisonous. Use one, rinse well, and air the room.", "Yes, two cleaners together clean twice as well.", "correctness"),
    ("How do I get red wine out of a tablecloth?", "Blot it at once, do not rub. Pour on cold water or cover it with salt, then wash it with stain remover before it dries.", "Red wine contains tannins and colour from the skins of the grapes.", "helpfulness"),
    ("Why is the sky blue?", "Air scatters short waves of sunlight more than long ones, so blue light reaches us from every direction.", "The sky mirrors the colour of the oceans.", "correctness"),
    ("Can you suggest a name for a small bookshop by the sea?", "How about The Tidal Page, Salt & Story, or Low Water Books? Each hints at the sea and at reading.", "A bookshop sells books. By the sea there is often wind.", "helpfulness"),
    ("What does the word “ephemeral” mean?", "Lasting only a very short time, like morning mist or a mayfly's life.", "It is a long word that you find in many poems.", "helpfulness"),
    ("How often should I water a cactus indoors?", "Every two to four weeks in summer, hardly at all in winter. Let the soil dry out completely in between.", "Every day, like all plants, a full glass in the morning.", "correctness"),
    ("Write one polite sentence to decline a dinner invitation.", "Thank you so much for thinking of me; I am sorry that I can't come on Saturday, and I hope we can meet soon.", "No, I am not coming.", "helpfulness"),
    ("Which is heavier, a litre of oil or a litre of water?", "A litre of water. Oil is less dense, which is why it floats.", "A litre of oil, because oil is thicker than water.", "correctness"),
    ("How can I fall asleep more easily?", "Keep the same hours every day, dim the lights an hour before, and leave the phone in another room.", "Sleep is a state of rest found in nearly all animals.", "relevance"),
    ("What is a good first exercise for somebody with a desk job?", "A brisk walk of twenty minutes a day. It needs no equipment, and you can split it into two short ones.", "You should run a marathon next month to catch up on what you missed.", "helpfulness"),
    ("Do bats see with their eyes?", "Yes. All bats can see; many also find their way by echoes, but none are truly blind.", "No, all bats are blind, so they use echoes.", "correctness"),
    ("How do I say “thank you” in Portuguese?", "“Obrigado” if you are a man, “obrigada” if you are a woman.", "“Gracias”, as everywhere in South America.", "correctness"),
    ("What should I bring to a picnic for ten people?", "A blanket, water, bread, two or three spreads, fruit, something salty, plates, a knife, and a bag for rubbish. Plan half a litre of water each.", "Food and drink.", "helpfulness"),
    ("Why do we have leap years?", "A year is about 365 and a quarter days long. A day more every fourth year, with few exceptions, keeps the calendar in step with the seasons.", "To make up for the days that are lost in February.", "correctness"),
    ("Can I recharge ordinary alkaline batteries?", "Better not: they can leak or burst. Use batteries marked as rechargeable.", "Yes, any battery can be recharged if the charger fits.", "correctness"),
    ("My bread dough does not rise. What went wrong?", "Most likely the yeast is old, or the water was too hot and killed it. Test the yeast in lukewarm water with a little sugar: it should foam in ten minutes.", "Perhaps something went wrong with it. Dough can be difficult. Try again.", "helpfulness"),
    ("How do I convert a recipe for four people to six?", "Multiply every amount by one and a half. Start checking early all the same, as a fuller pan takes a little longer.", "Add two spoons of everything, one for each extra person.", "correctness"),
    ("What is the difference between weather and climate?", "Weather is what happens today or this week. Climate is the usual pattern of a place over decades.", "Weather is when it rains, climate is when it is hot.", "correctness"),
    ("How do I prepare for a job interview in two days?", "Read about the firm, prepare three short stories of things you did well, think of two questions to ask, and try out the way there.", "Job interviews have a long history and exist in many countries.", "relevance"),
    ("Are tomatoes fruit or vegetables?", "For a botanist they are fruit, because they grow from a flower and hold seeds. In the kitchen they are treated as vegetables.", "They are vegetables, because they are not sweet.", "correctness"),
    ("What can I cook with rice, eggs and a leek?", "Fried rice: soften the sliced leek in oil, add cooked rice, push it aside, scramble the eggs beside it, mix, and season with soy sauce.", "You could cook a beef stew with carrots and potatoes.", "relevance"),
    ("How do I keep slugs away from my lettuce?", "Water in the morning instead of the evening, lay boards as traps and collect slugs under them, and put a copper ring around young plants.", "Slugs are molluscs, like snails, but without a shell.", "relevance"),
    ("Does lightning ever strike the same place twice?", "Yes, and tall buildings are hit many times a year.", "No, that is physically impossible.", "correctness"),
    ("Please shorten: “Due to the fact that it was raining, we made the decision to stay at home.”", "“Because it rained, we stayed at home.”", "“Due to the fact of the rain, the decision was made by us that we would be staying at home.”", "helpfulness"),
    ("How long does cooked rice keep in the fridge?", "A day or two, if you cool it quickly after cooking. Heat it through before you eat it.", "Around three weeks, longer with a lid.", "correctness"),
    ("What should I see in a new city if I have only one afternoon?", "Walk from the main station to the old centre, sit down at a market, and climb one high place for the view. Leave the museums for a longer stay.", "There is a lot to see in every city, depending on the city.", "helpfulness"),
    ("Why do onions make you cry?", "Cutting them sets free a gas that turns into a weak acid on the wet surface of your eyes, and tears wash it away. A sharp knife and a cold onion help.", "Because onions are spicy, like chillies.", "correctness"),
    ("How do I measure the height of a tree without climbing it?", "On a sunny day, measure its shadow and that of a stick. The height is the tree's shadow times the stick's height, divided by the stick's shadow.", "Trees can be very tall. The tallest are over a hundred metres.", "relevance"),
    ("Is it better to charge a phone to 100 % every time?", "For a long battery life it is kinder to stay between about 20 and 80 %. A full charge now and then does no harm.", "Yes, and always empty it to zero first, otherwise it forgets its size.", "correctness"),
    ("Give me a short thank-you note for a teacher.", "Dear Ms Hale, thank you for your patience this year. Because of you I now look forward to maths.", "Teachers should be thanked. A note is a good way to do so.", "helpfulness"),
    ("Can dogs eat chocolate?", "No, it is poisonous for them, and dark chocolate most of all. If your dog has eaten some, call a vet.", "A little chocolate is good for a dog's coat.", "correctness"),
    ("What does a dramaturge do?", "A dramaturge helps a theatre choose plays, researches their background, and works on the text with the director.", "It has something to do with drama.", "helpfulness"),
    ("How do I stop a door from squeaking?", "Put a drop of oil or some candle wax on each hinge pin and move the door a few times. If it still squeaks, lift the pin out and clean it.", "Keep the door open, then it cannot squeak.", "helpfulness"),
    ("Which planet is closest to the sun?", "Mercury.", "Venus, as it is the hottest planet.", "correctness"),
    ("My child is afraid of the dark. What helps?", "A small night light, the same calm routine every evening, and letting the child check the room with you. Take the fear seriously, and it usually fades.", "The dark is only the absence of light and therefore harmless.", "helpfulness"),
    ("How do I remember people's names?", "Say the name once when you hear it, tie it to a picture in your mind, and use it again when you say goodbye.", "Some names are common and others are rare.", "relevance"),
    ("How much is a baker's dozen?", "Thirteen.", "Twelve, like any dozen.", "correctness"),
    ("How do I fold a fitted sheet?", "Tuck one corner into the next so that two and two lie inside each other, lay the sheet flat, fold the curved edges in, then fold it in thirds.", "Fold it like any other sheet.", "helpfulness"),
    ("What makes a good password?", "Length above all: four or five unrelated words are hard to guess and easy to remember. Use a different one for each service, with a password manager.", "Your date of birth, because you will never forget it.", "correctness"),
    ("Should I warm up a car engine before driving in winter?", "Half a minute is enough for a modern engine. Drive off gently, it warms up faster on the road.", "Cars have engines, and in winter it is cold outside.", "relevance"),
    ("What do I need to grow basil on a windowsill?", "A sunny window, a pot with holes, and loose soil. Water it from below and pick the tips often, so that it grows bushy.", "Basil goes well with tomatoes and mozzarella.", "relevance"),
    ("Is glass a liquid?", "No, it is an amorphous solid. Old panes are thicker at one end because of how they were made, not because they flowed.", "Yes, a very slow one. That is why old windows are thicker at the bottom.", "correctness"),
    ("Summarise in one sentence why sleep matters.", "Sleep lets the body repair itself and the brain sort and store what the day has brought.", "Sleep matters. It matters to the body. It also matters to the mind, and to many other things besides, which is why it matters.", "helpfulness"),
    ("Where does the sun rise?", "In the east; exactly in the east only around the two equinoxes.", "In the west, over the sea.", "correctness"),
]


def sums(rnd):
    """A dozen small calculations, with the slip that people make most easily."""
    out = []
    for price, off in zip(rnd.sample([40, 60, 80, 120], 4), rnd.choices([15, 25, 35], k=4)):
        right = price * (100 - off) / 100
        out.append(("A coat costs %d euros and is reduced by %d %%. What do I pay?" % (price, off),
                    "%g euros: %d %% of %d is %g, and %d minus %g is %g."
                    % (right, off, price, price - right, price, price - right, right),
                    "%d euros, because %d minus %d is %d." % (price - off, price, off, price - off),
                    "correctness"))
    for speed, hours in zip(rnd.sample([50, 60, 80, 90], 4), rnd.choices([1.5, 2.5, 3.5], k=4)):
        out.append(("How far do I get in %d h 30 min at %d km/h?" % (hours, speed),
                    "%g kilometres: %g hours times %d." % (speed * hours, hours, speed),
                    "%g kilometres: %.1f times %d." % (speed * (int(hours) + .3), int(hours) + .3,
                                                       speed), "correctness"))
    for feet in rnd.sample(range(4, 13), 4):
        out.append(("How long is %d feet in metres, roughly?" % feet,
                    "About %.1f metres; a foot is roughly 30 centimetres." % (feet * .3048),
                    "A foot is a unit of length that was once taken from the human foot.",
                    "relevance"))
    return out
