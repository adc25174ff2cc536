/* The keys of all packs: t() takes no other. One line a pack. */
import type acts from './en/acts.json';
import type base from './en/base.json';
import type keys from './en/keys.json';
import type builder from './en/builder.json';
import type gallery from './en/gallery.json';
import type image from './en/image.json';
import type form from './en/form.json';
import type more from './en/more.json';
import type imports from './en/import.json';
import type charts from './en/charts.json';
import type compare from './en/compare.json';
import type exports from './en/export.json';
import type need from './en/need.json';
import type notices from './en/notices.json';
import type overview from './en/overview.json';
import type pages from './en/pages.json';
import type pairs from './en/pairs.json';
import type regions from './en/regions.json';
import type shapes from './en/shapes.json';
import type side from './en/side.json';
import type span from './en/span.json';
import type tasks from './en/tasks.json';
import type tiles from './en/tiles.json';
import type work from './en/work.json';

export type Key =
  | keyof typeof acts
  | keyof typeof base
  | keyof typeof keys
  | keyof typeof builder
  | keyof typeof gallery
  | keyof typeof image
  | keyof typeof form
  | keyof typeof more
  | keyof typeof imports
  | keyof typeof charts
  | keyof typeof compare
  | keyof typeof exports
  | keyof typeof need
  | keyof typeof notices
  | keyof typeof overview
  | keyof typeof pages
  | keyof typeof pairs
  | keyof typeof regions
  | keyof typeof shapes
  | keyof typeof side
  | keyof typeof span
  | keyof typeof tasks
  | keyof typeof tiles
  | keyof typeof work;
