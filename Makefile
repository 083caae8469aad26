# `make demo` opens the web page, `make check` runs the fast tests, `make test` runs every test. Each command sets up
# what it needs, once: a stamp in .venv remembers which requirements are installed, so a changed pin installs again.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
APT := DEBIAN_FRONTEND=noninteractive apt-get
CAN_APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
BROWSER := command -v chromium >/dev/null
# Ends a run that hangs outside Python, where the time limits of pytest cannot reach it.
LIMIT := $(if $(shell command -v timeout),timeout --kill-after=30)
PYTEST := OMP_NUM_THREADS=1 $(if $(LIMIT),$(LIMIT) 2700) $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile
FAST := not (browser or slow or spleeter or training or wheel)
PORTAUDIO := PATH="$$PATH:/sbin" ldconfig -p 2>/dev/null | grep -q libportaudio

# An interrupted set-up leaves no target that looks finished.
.DELETE_ON_ERROR:
.PHONY: demo check test lint bench fuzz screenshots system spleeter

demo: .venv/app.stamp
	$(BIN)/python app.py

check: lint
	$(PYTEST) -m "$(FAST)"

# Two processes, one thread each; the tests of a module share a process, because they share fixtures.
test: lint system spleeter
	$(PYTEST)

lint: .venv/tests.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy gender_audio train bench app.py

bench: .venv/tests.stamp
	$(BIN)/python -m bench

fuzz: .venv/tests.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz

screenshots: .venv/tests.stamp system
	$(BIN)/python -m tests.screenshots

# The system packages that the tests use. Without them, and without root to install them, the tests that need them are
# skipped and say so. In CI a failed installation stops the run. It must not run beside the installation of python3-venv.
system: | .venv/pyvenv.cfg
	@if $(BROWSER) && $(PORTAUDIO); then exit 0; fi; \
	if $(CAN_APT); then \
	  $(APT) update -qq && $(APT) install -y -qq --no-install-recommends chromium libportaudio2; \
	else \
	  echo "Install chromium and libportaudio2 to run every test (this needs root)." >&2; false; \
	fi || [ -z "$$CI" ]

# Deezer's package of Spleeter in an environment of its own, made once and kept in the user's cache; the same rule for CI.
spleeter: .venv/app.stamp
	@$(BIN)/python -m tests.spleeter || [ -z "$$CI" ]

.venv/app.stamp: requirements.txt | .venv/pyvenv.cfg
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

.venv/tests.stamp: tests/requirements.txt train/requirements.txt .venv/app.stamp
	$(BIN)/python -m pip install --disable-pip-version-check -q -r tests/requirements.txt
	touch $@

# Debian ships Python without ensurepip until python3-venv is installed.
.venv/pyvenv.cfg:
	@if [ -z "$(PYTHON)" ]; then echo "Install Python 3.10 to 3.13 first." >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))'; then \
	  echo "$(PYTHON) does not fit: Python 3.10 to 3.13 is needed." >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  if $(CAN_APT); then $(APT) update -qq && $(APT) install -y -qq python3-venv; \
	  else echo "Virtual environments are missing: run 'apt install python3-venv' as root first." >&2; exit 1; fi; fi
	$(PYTHON) -m venv .venv
