/* Shapes of what the server answers, as far as these pages read them. Fields that only some callers get are optional. */

export interface Project {
  id: number;
  title: string;
  description?: string | null;
  label_config: string;
  config_version?: number;
  expert_instruction?: string | null;
  show_instruction?: boolean;
  show_skip_button?: boolean;
  maximum_annotations: number;
  sampling?: string;
  skip_queue?: string;
  consensus_method?: string;
  is_published?: boolean;
  paused?: boolean;
  task_number: number;
  finished_task_number: number;
  num_tasks_with_annotations?: number;
  total_annotations_number: number;
  total_predictions_number?: number;
  skipped_annotations_number?: number;
  created_at: string;
  updated_at?: string;
  my_role?: string | null;
  agreement?: Estimate | number | null;
}

export interface Estimate { value: number | null; low?: number | null; high?: number | null; n?: number | null }

export interface Page<T> { count: number; next: string | null; results: T[] }
export interface Cursor<T> { results: T[]; next: string | number | null }

export interface TaskRow {
  id: number;
  inner_id: number;
  data: Record<string, unknown> | null;
  overlap: number;
  answered: number;
  annotations: number;
  agreement: number | null;
  state: string;
  updated_at: string;
  created_at?: string;
  completed_at?: string | null;
  annotators?: number[];
  avg_lead_time?: number | null;
  predictions_score?: number | null;
  total_predictions?: number;
  cancelled_annotations?: number;
  comment_count?: number;
  priority?: number;
  file_upload?: string | null;
}

export interface ResultItem {
  id?: string;
  type: string;
  from_name?: string;
  to_name?: string;
  value?: Record<string, unknown>;
  parentID?: string;
  from_id?: string;
  to_id?: string;
  direction?: string;
  item_index?: number;
  labels?: string[];
  original_width?: number;
  original_height?: number;
}

export interface Annotation {
  id: number;
  result: ResultItem[];
  completed_by: number | { id: number; email?: string; first_name?: string } | null;
  created_username?: string;
  created_at: string;
  updated_at: string;
  lead_time: number | null;
  ground_truth?: boolean;
  was_cancelled?: boolean;
  counted?: boolean;
  revision?: number;
}

export interface Task {
  id: number;
  inner_id?: number;
  project: number;
  data: Record<string, unknown>;
  meta?: Record<string, unknown> | null;
  overlap: number;
  annotations: Annotation[];
  predictions: { id: number; result: ResultItem[]; score: number | null; model_version: string | null }[];
  created_at: string;
  updated_at: string;
}

export interface Job { id: number; kind?: string; state: string; done: number; total: number | null; stoppable?: boolean; stopping?: boolean; errors?: ImportError[]; error?: string | null; created_at?: string; updated_at?: string; result?: Record<string, unknown> | null }
export interface ImportError { line: number | null; field: string | null; why: string }

export interface Pair { a: number | string; b: number | string; a_name?: string; b_name?: string; n: number; agreement: number | null }
export interface Agreement { overall: Estimate | number | null; tasks: unknown; pairs: Pair[]; goal?: number }

export interface Member { person: number; name: string; email: string; role: string; vendor?: { id: number; name: string } | null; annotations?: number; joined_at?: string }
export interface Vendor { id: number; name: string; people?: number; created_at?: string }
export interface Invitation { id?: number; email?: string | null; role: string; vendor?: string | null; url?: string; expires_at?: string; accepted_at?: string | null }
export interface ApiToken { id: string | number; name: string; scope?: string | null; created_at: string; expires_at: string | null; last_used_at?: string | null }
export interface ExportFormat { name: string; title: string; description?: string; disabled?: boolean; why?: string }

export function estimate(v: Estimate | number | null | undefined): Estimate {
  return typeof v === 'object' && v !== null ? v : { value: v ?? null };
}

/** How many tasks share a similarity: the server's own counts, or counted here from a list of tasks. */
export function bins(tasks: unknown, n = 10): number[] {
  const out = new Array<number>(n).fill(0);
  const put = (x: unknown) => {
    if (typeof x === 'number' && x >= 0 && x <= 1) out[Math.min(n - 1, Math.floor(x * n))]! += 1;
  };
  if (Array.isArray(tasks)) {
    for (const item of tasks) put(typeof item === 'object' && item !== null ? (item as { agreement?: unknown }).agreement : item);
    return out;
  }
  const given = (tasks as { bins?: unknown; histogram?: unknown } | null)?.bins ?? (tasks as { histogram?: unknown } | null)?.histogram;
  if (Array.isArray(given)) return given.map(x => (typeof x === 'number' ? x : Number((x as { n?: number }).n ?? 0)));
  return out;
}

/** Mean over tasks with its 95 % interval. Where the server names no interval it is told from the spread of the tenths
    (normal, at least 20 tasks); fewer say nothing. */
export function overallOf(a: Agreement | null | undefined): Estimate {
  const e = estimate(a?.overall);
  if (!a || e.value === null || (e.low !== null && e.low !== undefined)) return e;
  const counts = bins(a.tasks), n = counts.reduce((s, x) => s + x, 0);
  if (n < 20) return { ...e, n: e.n ?? n };
  const mid = (i: number) => (i + 0.5) / counts.length, mean = counts.reduce((s, x, i) => s + x * mid(i), 0) / n;
  const half = 1.96 * Math.sqrt(counts.reduce((s, x, i) => s + x * (mid(i) - mean) ** 2, 0) / (n - 1) / n);
  return { value: e.value, low: Math.max(0, e.value - half), high: Math.min(1, e.value + half), n: e.n ?? n };
}
