/*
 * rle.ts -- masks as Label Studio packs them: a bit stream in bytes, most
 * significant bit first.
 *
 * 32 bits N = pixels x 4, 5 bits word size - 1, four times 4 bits run size - 1;
 * then blocks: 1 bit run?, 2 bits which size, that many bits count - 1, and one
 * word (a run) or count words.  The mask is every fourth word, the alpha.  What
 * is written has sizes 3, 4, 8, 16 and all four channels equal, so that packing
 * an unpacked mask gives the same bytes.
 */

export class MaskError extends Error {}

/* One byte a pixel, 0 to 255. `pixels`, where known, is what the mask must have. */
export function unpack(bytes: ArrayLike<number>, pixels?: number): Uint8Array {
  let at = 0;
  const end = bytes.length * 8;
  const take = (k: number): number => {
    if (at + k > end) throw new MaskError('the mask is cut off');
    let v = 0;
    for (let left = k; left > 0;) {
      const room = 8 - (at & 7), n = Math.min(room, left);
      v = v * 2 ** n + (bytes[at >> 3]! >> room - n & (1 << n) - 1);
      at += n;
      left -= n;
    }
    return v;
  };
  const words = take(32), bits = take(5) + 1, sizes = [0, 0, 0, 0].map(() => take(4) + 1);
  if (bits !== 8 || words % 4 || (pixels !== undefined && words !== pixels * 4)) throw new MaskError('the mask is not one of this picture');
  const out = new Uint8Array(words / 4);
  for (let i = 0; i < words;) {
    const run = take(1), count = take(sizes[take(2)]!) + 1;
    if (i + count > words) throw new MaskError('the runs do not add up');
    if (run) {
      out.fill(take(8), i >> 2, i + count >> 2);           // alphas are words 3, 7, 11 …
    } else for (let k = i; k < i + count; k++) { const v = take(8); if ((k & 3) === 3) out[k >> 2] = v; }
    i += count;
  }
  return out;
}

const RUN_BITS = [3, 4, 8, 16];
const LONGEST = 1 << 16;

export function pack(mask: Uint8Array): number[] {
  const out: number[] = [];
  let held = 0, n = 0;
  const give = (v: number, k: number): void => {
    for (let left = k; left > 0;) {
      const step = Math.min(left, 8 - n);
      held = held << step | v >>> left - step & (1 << step) - 1;
      n += step;
      left -= step;
      if (n === 8) { out.push(held); held = 0; n = 0; }
    }
  };
  give(mask.length * 4, 32);
  give(7, 5);
  for (const b of RUN_BITS) give(b - 1, 4);
  for (let i = 0, j: number; i < mask.length; i = j) {
    const v = mask[i]!;
    for (j = i + 1; j < mask.length && mask[j] === v; j++);
    for (let words = (j - i) * 4; words > 0; words -= LONGEST) {
      const count = Math.min(words, LONGEST), which = RUN_BITS.findIndex((b) => count <= 1 << b);
      give(1, 1);
      give(which, 2);
      give(count - 1, RUN_BITS[which]!);
      give(v, 8);
    }
  }
  give(0, 8 - n);          // always to the next byte, as the writers of Label Studio do: a whole one when none is begun
  return out;
}
