/* A table as a file for a spreadsheet. */
export interface Col { name: string; num?: boolean }
export type Value = string | number | null;

/** Text for a spreadsheet; what a formula could begin with is made plain text. */
export function csvText(cols: Col[], rows: Value[][]): string {
  const one = (v: Value): string => {
    const s = v === null ? '' : typeof v === 'string' && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v);
    return /[",\n\r]/.test(s) ? `"${s.replace(/"/g, '""')}"` : s;
  };
  return `\ufeff${[cols.map(c => c.name), ...rows].map(r => r.map(one).join(',')).join('\r\n')}\r\n`;
}
