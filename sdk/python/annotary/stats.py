"""annotary.stats -- who is right, and how sure.

    from annotary import stats
    r = stats.aggregate(task, worker, label)            # names or ids, lists, numpy or pandas columns
    r.label, r.confidence, r.workers['skill']           # one answer a task, how sure, how good each worker is

Arrays of a result are read-only views on the library's memory (numpy, no copy) and keep it alive.  Options
that are None are the library's own.  What cannot be done raises AnnotaryError with a sentence.  During a call
other Python threads go on.  The same input, options and seed give the same bytes, whatever `threads` is.

    aggregate     one label a task           numeric       one number a task
    aggregate_multi   one set of labels a task
    agree, agree_table, agree_spans          how far people agree, corrected for chance
    rank          a ranking from comparisons
    weak, lf_table                           labelling functions
    merge_boxes, merge_spans, merge_regions, merge_masks, merge_text, merge_tags
    Online, posterior, gain, gold_skill      while answers come in: ask again, or stop
    plan          whom to ask what           sprt, habit, hurry      testing people
    confident_learning, crowdlab, calibration, compare      wrong labels, and how far to trust a model
    synth_crowd   a made-up crowd            methods       what there is, with its paper
"""
from ._agree import Agreement, agree, agree_spans, agree_table, icc, judge, kendall, spearman
from ._labels import Crowd, Method, Result, Votes, aggregate, methods, synth_crowd
from ._load import AnnotaryError
from ._merge import (Masks, Tags, Texts, Things, merge_boxes, merge_masks, merge_regions, merge_spans, merge_tags,
                     merge_text)
from ._multi import MultiResult, aggregate_multi
from ._noise import Calibration, Crowdlab, LabelIssues, calibration, compare, confident_learning, crowdlab
from ._numbers import NumericResult, numeric
from ._online import Online, Plan, Verdict, gain, gold_skill, habit, hurry, plan, posterior, sprt
from ._rank import Ranking, rank, style
from ._weak import LfTable, WeakResult, lf_table, weak

__all__ = [name for name in dir() if not name.startswith('_')]
