# Meent. `make help` says what can be made; `make run` and `make test` need nothing set up before.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOL     := go tool -modfile=tools.mod
TESTS    ?= ./...
FUZZTIME ?= 1m
ROUNDS   ?= 200

export CGO_ENABLED ?= 0

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##

.PHONY: build
build: ## build the program: bin/meent
	go build -trimpath -o bin/meent ./cmd/meent

.PHONY: run
run: build ## start a node on http://localhost:8080, data in ./data
	bin/meent serve

.PHONY: demo
demo: build ## start two municipalities and a regional group that talk to each other
	go run ./e2e/demo

##

.PHONY: test
test: ## run every test, on SQLite and PostgreSQL, with real browsers and foreign servers
	.ci/prepare
	MEENT_REQUIRE_ALL=1 go test -json -count=1 -timeout 14m $(TESTS) | go run ./e2e/summary $(SUMMARY)

.PHONY: check
check: ## look at the code: format, vet, lint, races, generated files
	@unformatted=$$($(TOOL) gofumpt -l $$(git ls-files '*.go')); \
		if [ -n "$$unformatted" ]; then echo "run make fmt, for:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(TOOL) golangci-lint run
	CGO_ENABLED=1 go test -race -shuffle=on -timeout 30m $(TESTS)
	before=$$(git diff | sha256sum); go generate ./...; \
		[ "$$before" = "$$(git diff | sha256sum)" ] || { echo "generated files were stale: look at git diff"; exit 1; }

.PHONY: bench
bench: ## print the performance figures as JSON lines
	go run ./e2e/bench

.PHONY: storm
storm: ## kill nodes and databases ROUNDS times (200), and count what was lost
	MEENT_REQUIRE_ALL=1 MEENT_STORM_ROUNDS=$(ROUNDS) go test -v -count=1 -timeout 6h ./e2e/storm

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (1m)
	@grep -roE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file target; do \
		echo "== $$(dirname "$$file") $${target#func }"; \
		go test "$$(dirname "$$file")" -run '^$$' -fuzz "^$${target#func }$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x; \
	done

.PHONY: screens
screens: build ## photograph every page, in build/screens
	go run ./e2e/screens -out build/screens

##

.PHONY: fmt
fmt: ## format the code
	$(TOOL) gofumpt -w $$(git ls-files '*.go')

.PHONY: generate
generate: ## make the generated files anew
	go generate ./...

.PHONY: sums
sums: ## record new migrations in migrations/SUMS; recorded ones stay as they are
	@touch migrations/SUMS; cd migrations; for step in *.sql; do \
		grep -q "  $$step$$" SUMS || sha256sum "$$step" >> SUMS; done

.PHONY: clean
clean: ## remove what was built; data stays
	rm -rf bin build
