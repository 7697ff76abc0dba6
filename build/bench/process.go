package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// programs are the two servers, built.
type programs struct{ ours, reference string }

// build builds both the same way, as a release is built.
func build(ctx context.Context, dir string) (programs, error) {
	p := programs{filepath.Join(dir, "inglenookd"), filepath.Join(dir, "reference")}
	for name, pkg := range map[string]string{p.ours: "inglenook/syncserver/cmd/inglenookd", p.reference: "inglenook/build/bench/reference"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-tags", "nomsgpack", "-ldflags", "-s -w", "-o", name, pkg) //nolint:gosec // our own programs
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return p, fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return p, nil
}

// process is a server that runs.
type process struct {
	cmd  *exec.Cmd
	url  string
	host string
}

const (
	startTime = 60 * time.Second
	stopTime  = 30 * time.Second
)

// run starts a server and waits for its line.
func (b *bench) run(ctx context.Context, name string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // as above
	logs, err := os.Create(filepath.Join(b.dir, filepath.Base(name)+".log"))
	if err != nil {
		return nil, err
	}
	defer logs.Close() //nolint:errcheck // the process has its own
	cmd.Stderr = logs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	b.running = append(b.running, p)
	late := time.AfterFunc(startTime, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !found {
		b.stop(p)
		text, _ := os.ReadFile(logs.Name())
		return nil, fmt.Errorf("start %s: it says %q (%w)\n%s", filepath.Base(name), line, err, text)
	}
	p.url, p.host = url, strings.TrimPrefix(url, "http://")
	return p, nil
}

// stop ends a server gently, or after stopTime.
func (b *bench) stop(p *process) {
	b.running = slices.DeleteFunc(b.running, func(other *process) bool { return other == p })
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(stopTime, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // how it ended is nobody's concern here
}

func (b *bench) stopAll() {
	for len(b.running) > 0 {
		b.stop(b.running[0])
	}
}

// resident is what a process occupies in memory, in bytes.
func (p *process) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.TrimSpace(strings.SplitN(rest, "kB", 2)[0]), 64)
	return kib * 1024, err
}

// busy is the processor time a process has used, in seconds.
func (p *process) busy() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	const user, system, ticksPerSecond = 11, 12, 100 // proc_pid_stat(5), behind the name
	fields := strings.Fields(rest)
	u, err := strconv.ParseFloat(fields[user], 64)
	if err != nil {
		return 0, err
	}
	s, err := strconv.ParseFloat(fields[system], 64)
	return (u + s) / ticksPerSecond, err
}

// worked is the same to the nanosecond, in microseconds: of the threads there
// are, which a Go program seldom ends.
func (p *process) worked() (microseconds float64, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		running, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseFloat(running, 64)
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", name, err)
		}
		microseconds += n / 1000
	}
	return microseconds, nil
}
