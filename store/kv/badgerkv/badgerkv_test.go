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
	goleak.VerifyTestMain(m)
}

func TestInMemory(t *testing.T) { kvtest.Run(t, func(t testing.TB) kv.DB { return storetest.Open(t) }) }

func TestInDirectory(t *testing.T) { kvtest.RunDurable(t, storetest.OpenDir) }
