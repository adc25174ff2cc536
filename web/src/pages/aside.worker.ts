/* Sends what is long and tells what came back; see annotate-aside.ts. */
export interface Said { n: number; reply?: { status: number; headers: [string, string][]; text: string } }

self.onmessage = (e: MessageEvent<{ n: number; url: string; init: RequestInit }>): void => {
  const { n, url, init } = e.data, say = (s: Said): void => self.postMessage(s);
  fetch(url, init).then(async (r) => say({ n, reply: { status: r.status, headers: [...r.headers], text: await r.text() } })).catch(() => say({ n }));
};
