"""The table every bench fills: printed line by line, and kept as build/bench/NAME.json."""
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, "build/bench")


class Table:
    def __init__(self, name):
        self.path = os.path.join(OUT, name + ".json")
        self.rows = []
        os.makedirs(OUT, exist_ok=True)

    def row(self, name, value, unit, bar=None, better="higher"):
        """One figure; without a value it could not be measured here, which is no miss."""
        value = None if value is None else float(f"{value:.6g}")
        ok = bar is None or value is None or (value >= bar if better == "higher" else value <= bar)
        self.rows.append({"name": name, "value": value, "unit": unit, "bar": bar, "better": better, "ok": ok})
        sign = "" if bar is None else ("≥ " if better == "higher" else "≤ ") + f"{bar:g}"
        said = "–" if value is None else f"{value:,.3f}" if abs(value) >= .001 or value == 0 else f"{value:.1e}"
        print(f"  {name:26} {said:>14} {unit:14} {sign:10} {'' if bar is None else 'ok' if ok else 'MISSED'}",
              flush=True)
        with open(self.path, "w") as f:
            json.dump(self.rows, f, indent=1)

    def end(self):
        """What was missed, for a person and as an exit status."""
        missed = [r["name"] for r in self.rows if not r["ok"]]
        print(f"\n{len(self.rows)} figures, {len(missed)} missed their bar" +
              (": " + ", ".join(missed) if missed else ""))
        return 1 if missed else 0
