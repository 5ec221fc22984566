# Every line is a command one could type. `cargo` alone installs nothing; what is missing is brought by `make tools`.

target := $(or $(CARGO_TARGET_DIR),target)

.PHONY: demo test lint bench tools validators cloud guests

# In the dev profile, which `make test` shares and which has everything slow optimised; `cargo build --release` is for use every day.
# Scans the sample, prints the table and writes the HTML report. Findings are expected: plumb says so by exit code 3.
demo: tools
	@echo "demo: building plumb (the first time takes some fifteen minutes)"
	cargo build --package plumb-cli
	@mkdir -p $(target)/demo
	$(target)/debug/plumb scan terraform tests/fixtures/demo --data $(target)/demo/data -o table -o html=$(target)/demo/report.html \
		|| test $$? -eq 3
	@echo "demo: the report is $(abspath $(target)/demo/report.html)"

test: tools validators cloud guests
	@echo "test: all crates"
	cargo test --workspace

lint: tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# In the dev profile; profile.toml compiles everything as in a release. QUICK=1 leaves the million resources out.
bench: tools
	cargo build --package plumb-cli --package plumb-bench --config tests/bench/profile.toml
	python3 tests/bench/run.py --plumb $(target)/debug/plumb --micro $(target)/debug/plumb-bench $(if $(QUICK),--quick)

# The compiler for plugins.
tools:
	@sdk/build/tools.sh

# What checks the reports (schemas, an HTML checker, the SARIF multitool), mail (an SMTP server), webhooks (the receivers' library),
# the API (schemathesis), the dashboard (Chromium, which is the system's or the one that PLUMB_CHROMIUM names, and axe) and changes of
# the clocks (libfaketime, which is the system's or the one that PLUMB_FAKETIME names).
validators: target/validators/ready
target/validators/ready: $(wildcard tests/validators/*)
	@echo "test: installing the validators"
	tests/validators/setup.sh

# The emulators of AWS.
cloud: target/cloud/ready
target/cloud/ready: $(wildcard tests/cloud/*)
	@echo "test: installing the emulators of AWS"
	tests/cloud/setup.sh

# The plugins in Python and C.
guests: tools
	tests/guests/build.sh
