/*
 * xpath.ts -- places in HTML as Label Studio writes them: the way from the root
 * to a node by names and numbers, such as /div[1]/p[2]/text()[1].
 */

const nameOf = (n: Node): string => (n.nodeType === 3 ? 'text()' : n.nodeName.toLowerCase());

export function pathOf(node: Node, root: Node): string {
  let out = '';
  for (let n: Node | null = node; n && n !== root; n = n.parentNode) {
    const name = nameOf(n);
    let k = 1;
    for (let p = n.previousSibling; p; p = p.previousSibling) if (nameOf(p) === name) k++;
    out = `/${name}[${k}]${out}`;
  }
  return out;
}

/* The node at the end of the way; null when it leads nowhere. */
export function nodeAt(path: unknown, root: Node): Node | null {
  if (typeof path !== 'string' || path.length > 4000) return null;
  let at: Node | null = root;
  for (const step of path.split('/')) {
    if (!step || step === '.') continue;
    const m = /^([\w:-]+|text\(\))(?:\[(\d+)\])?$/.exec(step);
    if (!m || !at) return null;
    let left = Number(m[2] ?? 1), next: Node | null = null;
    for (let c: Node | null = at.firstChild; c; c = c.nextSibling) if (nameOf(c) === m[1]!.toLowerCase() && --left === 0) { next = c; break; }
    at = next;
  }
  return at;
}
