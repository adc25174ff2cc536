/* Icons of the picture stage; see paths.ts. */
export const STAGE = {
  bottom: 'M4 3l4 4 4-4M4 8l4 4 4-4M3 14.5h10',
  box3p: 'M2 9.5 9.5 2.5 14 7 6.5 14Z',
  brush: 'M13.5 2.5 7 9M7 9c-2-.5-3.5.5-3.5 2.5 0 1-.6 1.7-1.5 2 3.5 1 6-.5 6-3.5 0-.5-.5-1-1-1Z',
  bucket: 'M2.5 8 8 2.5 13.5 8 8 13.5ZM8 2.5 6.5 1M2.5 8h11',
  eraser: 'M9.5 2.5l4 4L7 13H4.5L2 10.5ZM6 6l4 4M7 13h7',
  minusone: 'M4 6l4 4 4-4',
  plusone: 'M4 10l4-4 4 4',
  top: 'M3 1.5h10M4 8l4-4 4 4M4 13l4-4 4 4',
  vector: 'M3 13 6 5l5 5 3-7M3 13h.01M6 5h.01M11 10h.01M14 3h.01',
  wand: 'M2 14l8-8M12 1.5v2M12 8v2M9 4.7h-2M15 4.7h-1M13.7 6.5l1 1M9.5 2.5l1 1',
  zin: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM11 11l3 3M5 7h4M7 5v4',
} as const;
