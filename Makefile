# Inglenook. `make help` lists what there is; README.md explains it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Go and npm keep their caches under HOME; build machines may have none.
ifeq ($(HOME),)
export HOME := $(CURDIR)/build/bin/home
endif

# The commit is not stamped into the binaries: in a checkout that belongs to
# another user git refuses to answer, and the build would fail with it.
export GOFLAGS := -buildvcs=false $(GOFLAGS)

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# webkit2_41 chooses WebKitGTK 4.1 on Linux and means nothing elsewhere.
DESKTOP_TAGS := desktop,production,webkit2_41
# nomsgpack leaves out a codec of Gin that the protocol never uses: 6.5 MB.
SERVER_TAGS := nomsgpack

DATA ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/inglenook/server
LISTEN ?= 127.0.0.1:7420
FUZZTIME ?= 1m

# What the targets are made of. Folders are listed too: a file that was removed
# changes only its folder's time.
GO_FILES := go.mod go.sum $(wildcard main.go) build/icons/appicon-256.png $(shell find app store syncserver -not -path '*/testdata*' -not -name '*_test.go' 2>/dev/null) frontend/embed.go
PAGE_FILES := $(shell find frontend/src frontend/public 2>/dev/null) \
	$(wildcard frontend/index.html frontend/package.json frontend/vite.config.* frontend/svelte.config.* frontend/tsconfig*.json)
PAGE := frontend/dist/index.html
# npm writes this file when it has installed everything.
PACKAGES := frontend/node_modules/.package-lock.json

# The window where there is a display, else the server with the web page.
ifneq ($(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s)),)
START := window
else
START := server
endif

.PHONY: run run-window run-server dev test build bench gen lint e2e fuzz clean help install-desktop install-test

run: run-$(START) ## build and start: the window where there is a display, else the server with the web page

run-window: build/bin/inglenook-desktop
	./build/bin/inglenook-desktop

run-server: build/bin/inglenookd
	mkdir -p "$(DATA)"
	exec ./build/bin/inglenookd serve --data "$(DATA)" --listen "$(LISTEN)"

# The remote server has to allow it: inglenookd serve --allow-dev.
dev: export REMOTE := $(REMOTE)
dev: $(PACKAGES) ## serve the page with hot reload, over the server at REMOTE (https://…) or over one on this machine
	npm --prefix frontend run dev

test: install-desktop install-test ## run every test and check there is, and count them
	build/retry.sh go mod download
	go run ./build/check

build: build/bin/inglenook-desktop build/bin/inglenookd build/bin/inglenook ## build the three programs into build/bin

bench: ## measure against the reference in build/bench, in ratios
	go run ./build/bench

gen: $(PACKAGES) ## write the generated files anew
	go generate ./...
	go run ./build/gen
	npm --prefix frontend run gen

lint: install-test ## look at format, lint, types and generated files
	go run ./build/check lint

e2e: install-desktop install-test ## drive the page in Chromium and the release build in a real window
	go run ./build/check e2e

fuzz: ## run every fuzz test for FUZZTIME (1m) each
	build/fuzz.sh $(FUZZTIME)

clean: ## remove everything that was built or installed into the tree
	rm -rf build/bin build/reports frontend/node_modules
	find frontend/dist -mindepth 1 -not -name .gitkeep -delete

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

install-desktop:
	@build/install.sh desktop

install-test:
	@build/install.sh test

$(PACKAGES): frontend/package-lock.json
	build/retry.sh npm --prefix frontend ci --no-audit --no-fund
	touch $@

# Vite empties dist; its committed file comes back from frontend/public.
$(PAGE): $(PAGE_FILES) $(PACKAGES)
	npm --prefix frontend run build
	touch $@

build/bin/inglenook-desktop: $(GO_FILES) $(PAGE) | install-desktop
	CGO_ENABLED=1 go build -trimpath -tags $(DESKTOP_TAGS) -ldflags '$(LDFLAGS)' -o $@ .

build/bin/inglenookd: $(GO_FILES) $(PAGE)
	CGO_ENABLED=0 go build -trimpath -tags $(SERVER_TAGS) -ldflags '$(LDFLAGS)' -o $@ ./syncserver/cmd/inglenookd

build/bin/inglenook: $(GO_FILES)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./app/cmd/inglenook

# The linter has a module of its own (build/tools): see the comment in its go.mod.
build/bin/golangci-lint: build/tools/go.mod build/tools/go.sum
	build/retry.sh go -C build/tools mod download
	CGO_ENABLED=0 go build -C build/tools -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	touch $@
