// What the benches of the annotate page share: pictures, quantiles, the form of the figures.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export { desk } from '../../../web/tests/browser/desk.mjs';

/**
 * A folder of n JPEGs of 1600 × 1000, each a file of its own. Ten are drawn on a canvas; the others are these with some
 * bytes behind the end, which every decoder reads in full and every cache takes for another picture.
 */
export async function pictures({ folder, browser }, n) {
  const out = join(folder, 'pictures'), page = await browser.newPage();
  mkdirSync(out, { recursive: true });
  const base = await page.evaluate((many) => Array.from({ length: many }, (_, k) => {
    const c = document.createElement('canvas'), g = c.getContext('2d');
    let seed = 12345 + k;
    const rnd = () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 2 ** 32; };
    c.width = 1600; c.height = 1000;
    for (let i = 0; i < 6000; i++) {
      g.fillStyle = `hsl(${rnd() * 360} ${20 + rnd() * 50}% ${20 + rnd() * 60}%)`;
      const r = 4 + rnd() * rnd() * 160;
      g.fillRect(rnd() * 1600 - r / 2, rnd() * 1000 - r / 2, r, r * (0.3 + rnd()));
    }
    return c.toDataURL('image/jpeg', 0.85).split(',')[1];
  }), Math.min(n, 10));
  await page.close();
  const bytes = base.map((b) => Buffer.from(b, 'base64'));
  for (let i = 0; i < n; i++) writeFileSync(join(out, `p${String(i).padStart(4, '0')}.jpg`), Buffer.concat([bytes[i % bytes.length], Buffer.from(`#${i}`)]));
  return out;
}

export const quantile = (list, q) => { const s = [...list].sort((a, b) => a - b); return s[Math.min(s.length - 1, Math.ceil(q * s.length) - 1)]; };

/** Prints what the bench collects: {name: number}. */
export const print = (figures) => console.log(JSON.stringify(Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, Math.round(v * 1000) / 1000])), null, 1));
