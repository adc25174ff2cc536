# A thin front on meson: `make help` lists what there is.  See docs/TESTING.md for the parts of `make test`.
.DEFAULT_GOAL := help
.PHONY: help build test demo bench lint fuzz soak clean

help:
	@echo "make build            build/annotary, optimised and hardened, with the web UI inside"
	@echo "make demo             build, fill a fresh data folder with sample projects, serve it on 127.0.0.1:8080"
	@echo "make test             every test; the last line counts them   (SUITE=unit … for one part of it)"
	@echo "make bench            the benchmarks, to build/bench/*.json   (BENCH=server for one)"
	@echo "make lint             tidy, cppcheck, gcc's analyzer, the web UI's checks"
	@echo "make fuzz             every fuzz target for a while           (SECONDS=60 each, TARGET=rle for one)"
	@echo "make soak             the fault and simulation tests, long    (FACTOR=20 times the usual figures)"
	@echo "make clean            remove build/ and the web UI's build"
	@echo
	@echo "Each installs what it is missing first, on Debian, and never asks when there is no terminal."

build:
	@tools/bootstrap build
	@tools/build release

demo: build
	@build/annotary demo $(ARGS)

test:
	@tools/bootstrap test
	@tests/run $(SUITE)

bench: build
	@bench/run $(BENCH)

lint:
	@tools/bootstrap test
	@tools/lint

fuzz:
	@tools/bootstrap test
	@tools/build fuzz
	@tools/fuzz --seconds $(or $(SECONDS),60) $(TARGET)

soak:
	@tools/bootstrap test
	@ANNOTARY_SOAK=$(or $(FACTOR),20) tests/run fault sim

clean:
	rm -rf build web/dist web/build
