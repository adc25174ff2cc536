"""The module of the checkout with the library that tools/build stats made."""
import os, sys

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
sys.path.insert(0, f'{TOP}/sdk/python')
sys.path.insert(0, os.path.dirname(__file__))
os.environ.setdefault('ANNOTARY_STATS_LIB', f'{TOP}/build/stats/out/lib/libannotary_stats.so')
