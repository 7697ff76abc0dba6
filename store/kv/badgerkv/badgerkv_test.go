package badgerkv_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"inglenook/store/kv"
	"inglenook/store/kv/kvtest"
	"inglenook/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDirEnv); dir != "" {
		os.Exit(writeUntilKilled(dir))
	}
	// What a Badger Open that fails leaves running (TestHalfMadeLog, and a wrong
	// key in TestEncrypted). A store of ours that is not closed shows all the
	// same: by its committer and by Badger's writer.
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("github.com/dgraph-io/badger/v4.(*DB).monitorCache"),
		goleak.IgnoreTopFunction("github.com/dgraph-io/badger/v4.(*DB).updateSize"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/badger/v4/y.(*WaterMark).process"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto/v2/z.(*AllocatorPool).freeupAllocators"),
		goleak.IgnoreTopFunction("github.com/dgraph-io/ristretto/v2.(*defaultPolicy[...]).processItems"),
		goleak.IgnoreTopFunction("github.com/dgraph-io/ristretto/v2.(*Cache[...]).processItems"),
	)
}

func TestInMemory(t *testing.T) { kvtest.Run(t, func(t testing.TB) kv.DB { return storetest.Open(t) }) }

func TestInDirectory(t *testing.T) { kvtest.RunDurable(t, storetest.OpenDir) }
