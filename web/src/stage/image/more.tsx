/* Parts of the stage that come when they are asked for. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ImageModel } from './model';

/* A component of another chunk; nothing until it is here. */
function lazy<P extends object>(get: () => Promise<ComponentType<P>>): ComponentType<P> {
  let have: ComponentType<P> | null = null;
  return function Lazy(p: P) {
    const [C, set] = useState<ComponentType<P> | null>(() => have);
    useEffect(() => { if (!have) void get().then((c) => { have = c; set(() => c); }); }, []);
    return C ? <C {...p} /> : null;
  };
}

export const ShapeFields = lazy<{ m: ImageModel; id: string }>(() => import('./fields').then((x) => x.ShapeFields));
export const ViewPanel = lazy<{ m: ImageModel; onClose: () => void }>(() => import('./view-panel').then((x) => x.default));
