package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// check returns what breaks a rule, one line each.
type check func([]source) (broken []string)

var (
	jsonPackages   = []string{"github.com/go-json-experiment/json", "github.com/go-json-experiment/json/jsontext"}
	schemaPackages = []string{"inglenook/store", "inglenook/store/kind/schema", "go.yaml.in/yaml/v3"}

	// clockReaders are files below the programs that may ask the machine's
	// clock, with the reason.
	clockReaders = map[string]string{
		"syncserver/httpapi/deadline.go": "the kernel keeps the deadlines of connections by the machine's clock",
		"store/storetest/storetest.go":   "a test whose subject is not time wants one that goes on by itself",
	}
)

// rules of design and their reasons. breaking is a file that a rule must find
// fault with, in the words of fault.
var rules = []struct {
	name, reason string
	check        check
	file, text   string
	fault        string
}{
	{
		"the server never imports the device",
		"inglenookd runs where no device is, and the desktop is an ordinary client of it",
		inside("syncserver", "store", "syncserver", "frontend"),
		"syncserver/feed/feed.go", "package feed\n\nimport _ \"inglenook/app/replica\"\n",
		"syncserver/feed/feed.go: imports inglenook/app/replica",
	},
	{
		"the store imports only the store",
		"it is the vocabulary of both sides and knows neither",
		inside("store", "store"),
		"store/household/users.go", "package household\n\nimport _ \"inglenook/syncserver/session\"\n",
		"store/household/users.go: imports inglenook/syncserver/session",
	},
	{
		"the vocabulary has no engine and no framework",
		"the merge rule must give the same result wherever it is compiled",
		plain("store", jsonPackages...),
		"store/entity.go", "package store\n\nimport _ \"github.com/dgraph-io/badger/v4\"\n",
		"store/entity.go: imports github.com/dgraph-io/badger/v4",
	},
	{
		"the vocabulary does no input and output",
		"net/http is a framework too",
		plain("store", jsonPackages...),
		"store/entity.go", "package store\n\nimport _ \"net/http\"\n",
		"store/entity.go: imports net/http",
	},
	{
		"the kinds read their schema and nothing else",
		"server, device and tests validate alike",
		plain("store/kind", append(schemaPackages, jsonPackages...)...),
		"store/kind/registry.go", "package kind\n\nimport _ \"inglenook/store/kv\"\n",
		"store/kind/registry.go: imports inglenook/store/kv",
	},
	{
		"the machine of sessions is pure",
		"a checker walks through every state of it, and time, chance and storage are its inputs",
		plain("syncserver/session/machine", "inglenook/store"),
		"syncserver/session/machine/next.go", "package machine\n\nimport _ \"inglenook/store/household\"\n",
		"syncserver/session/machine/next.go: imports inglenook/store/household",
	},
	{
		"Badger is behind store/kv/badgerkv",
		"another engine must fit the same seam; the bench reference is raw on purpose",
		only("github.com/dgraph-io/badger", "store/kv/badgerkv", "build/bench"),
		"store/household/household.go", "package household\n\nimport _ \"github.com/dgraph-io/badger/v4\"\n",
		"store/household/household.go: imports github.com/dgraph-io/badger/v4",
	},
	{
		"the engine is handed in",
		"who keeps or merges a household works over kv.DB and is tested over any",
		handedIn("inglenook/store/kv/badgerkv", "store/storetest", "syncserver/servertest", "app", "build/bench"),
		"syncserver/server.go", "package syncserver\n\nimport _ \"inglenook/store/kv/badgerkv\"\n",
		"syncserver/server.go: imports inglenook/store/kv/badgerkv",
	},
	{
		"Gin is behind syncserver/httpapi",
		"routes are on one page, and sessions and feeds are tested without HTTP; the bench reference is raw on purpose",
		only("github.com/gin-gonic/gin", "syncserver/httpapi", "build/bench"),
		"syncserver/auth/password.go", "package auth\n\nimport _ \"github.com/gin-gonic/gin\"\n",
		"syncserver/auth/password.go: imports github.com/gin-gonic/gin",
	},
	{
		"Wails is behind app/window",
		"it is the only cgo; everything else builds, tests and is linted without GTK",
		only("github.com/wailsapp/wails", "app/window"),
		"app/bridge/bridge.go", "package bridge\n\nimport _ \"github.com/wailsapp/wails/v2/pkg/runtime\"\n",
		"app/bridge/bridge.go: imports github.com/wailsapp/wails/v2/pkg/runtime",
	},
	{
		"the window is the top of the device",
		"the device runs headless, in cmd/inglenook and in tests",
		only("inglenook/app/window", ".", "app/window", "app/e2e"),
		"app/app.go", "package app\n\nimport _ \"inglenook/app/window\"\n",
		"app/app.go: imports inglenook/app/window",
	},
	{
		"the replica knows of the server only its contract and its client",
		"a device talks to a household on another machine exactly as to the one it hosts",
		inside("app/replica", "store", "app", "syncserver/api", "syncserver/client"),
		"app/replica/push.go", "package replica\n\nimport _ \"inglenook/syncserver/feed\"\n",
		"app/replica/push.go: imports inglenook/syncserver/feed",
	},
	{
		"the page is handed in",
		"the server and the device are tested without a build of it",
		handedIn("inglenook/frontend", "app/window"),
		"syncserver/httpapi/ui.go", "package httpapi\n\nimport _ \"inglenook/frontend\"\n",
		"syncserver/httpapi/ui.go: imports inglenook/frontend",
	},
	{
		"the tools are not part of the product",
		"what build/ holds may be careless of speed and of users",
		only("inglenook/build", "build"),
		"app/app.go", "package app\n\nimport _ \"inglenook/build/gen\"\n",
		"app/app.go: imports inglenook/build/gen",
	},
	{
		"the page's core is framework-free",
		"replica, api and host are tested in Node, and outlive a framework; adapters are named .svelte.ts",
		frameworkFree("frontend/src/lib/replica", "frontend/src/lib/api", "frontend/src/lib/host"),
		"frontend/src/lib/replica/overlay.ts", "import { writable } from 'svelte/store';\n",
		"frontend/src/lib/replica/overlay.ts:1: imports Svelte",
	},
	{
		"every package has a package comment",
		"one sentence says what it is",
		packageComments,
		"store/cursor.go", "package store\n",
		"store: has 0 package comments",
	},
	{
		"the clock is injected",
		"tests run under virtual time, and a transaction has one now",
		injectedClock(clockReaders),
		"store/clock.go", "package store\n\nimport clock \"time\"\n\nvar started = clock.Now()\n",
		"store/clock.go: uses time.Now",
	},
	{
		"an exception that is not needed is struck off",
		"a list of exceptions only grows otherwise",
		staleExceptions(clockReaders),
		"store/storetest/storetest.go", "package storetest\n",
		"store/storetest/storetest.go: is allowed the clock but does not use it",
	},
	{
		"there are no init functions",
		"a program is a value: what happens, happens because somebody called it",
		noInit,
		"app/app.go", "package app\n\nfunc init() {}\n",
		"app/app.go: has an init function",
	},
	{
		"a file is read in one sitting",
		"more than 400 lines are two nouns",
		linesAtMost(400),
		"store/merge.go", "package store\n" + strings.Repeat("\n", 400),
		"store/merge.go: has 401 lines",
	},
	{
		"what is generated is named so",
		"nobody edits it, reviews fold it away, and the stale check finds it",
		generatedNames,
		"store/kind/kinds.go", "// Code generated by build/gen. DO NOT EDIT.\n\npackage kind\n",
		"store/kind/kinds.go: is generated, but not named so",
	},
	{
		"what is named generated is generated",
		"else the next run of the generator loses somebody's work",
		generatedNames,
		"store/kind/kinds.gen.go", "package kind\n",
		"store/kind/kinds.gen.go: is named as generated, but is not",
	},
}

func TestRules(t *testing.T) {
	tree, err := read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, b := range r.check(tree) {
				t.Errorf("%s\n\tthe rule: %s, because %s", b, r.name, r.reason)
			}
		})
	}
}

func TestEveryRuleCanFail(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			broken, err := read(fstest.MapFS{r.file: {Data: []byte(r.text)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.check(broken); !slices.Contains(got, r.fault) {
				t.Errorf("found %q, want %q", got, r.fault)
			}
		})
	}
}

func TestTwoPackageCommentsAreOneTooMany(t *testing.T) {
	tree, err := read(fstest.MapFS{
		"store/doc.go":   {Data: []byte("// Package store is one.\npackage store\n")},
		"store/event.go": {Data: []byte("// Package store is another.\npackage store\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := packageComments(tree), []string{"store: has 2 package comments"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
