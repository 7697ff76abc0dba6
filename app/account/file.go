package account

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The files of the data folder.
const (
	fileName    = "accounts.json"
	unfinished  = "accounts.json.new" // left by a crash; never read
	oldFileName = "account.json"      // of a device that knew one account
)

// content is what accounts.json holds.
type content struct {
	Active   store.SessionID `json:"active,omitzero"`
	Accounts []record        `json:"accounts"`
	// Leaving are removed accounts whose item in the keyring is still to be
	// deleted, as it did not answer.
	Leaving []store.SessionID `json:"leaving,omitempty"`
}

// record is an account in the file.
type record struct {
	URL     string      `json:"url"`
	Session api.Session `json:"session"`
	Folder  string      `json:"folder,omitempty"`
	Waiting int         `json:"waiting,omitzero"`
	Secrets *secrets    `json:"secrets,omitempty"` // nil: they are in the keyring
}

// recordOf is the record of an account without its secrets.
func recordOf(a Account) record {
	return record{URL: a.URL, Session: a.Session, Folder: a.Folder, Waiting: a.Waiting}
}

func (r record) account() Account {
	return Account{URL: r.URL, Session: r.Session, Folder: r.Folder, Waiting: r.Waiting}
}

func (c content) index(id store.SessionID) int {
	return slices.IndexFunc(c.Accounts, func(r record) bool { return r.Session.ID == id })
}

// clone is a copy whose lists can be changed.
func (c content) clone() content {
	c.Accounts, c.Leaving = slices.Clone(c.Accounts), slices.Clone(c.Leaving)
	return c
}

// put adds a record, or replaces that of the same session.
func (c *content) put(r record) {
	c.Leaving = slices.DeleteFunc(c.Leaving, func(id store.SessionID) bool { return id == r.Session.ID })
	if i := c.index(r.Session.ID); i >= 0 {
		c.Accounts[i] = r
		return
	}
	c.Accounts = append(c.Accounts, r)
}

// folder is the data folder.
type folder struct {
	path string
	// after, when it is set, is called after each step of a change of the folder:
	// a test looks there at what a crash would leave.
	after func()
}

func (f folder) step() {
	if f.after != nil {
		f.after()
	}
}

// read returns what accounts.json holds. Old says that it is what account.json
// held: that file is to be removed when the new one is written.
func (f folder) read() (c content, old bool, err error) {
	raw, err := os.ReadFile(filepath.Join(f.path, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return f.readOld()
	}
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return content{}, false, fmt.Errorf("read the accounts: %w", err)
	}
	// A crash may have come between the new file and the removal of the old one.
	_, statErr := os.Lstat(filepath.Join(f.path, oldFileName))
	return c, statErr == nil, nil
}

func (f folder) readOld() (c content, old bool, err error) {
	raw, err := os.ReadFile(filepath.Join(f.path, oldFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	var only struct {
		URL     string      `json:"url"`
		Value   string      `json:"value"`
		Session api.Session `json:"session"`
	}
	if err == nil {
		err = json.Unmarshal(raw, &only)
	}
	if err != nil {
		return c, false, fmt.Errorf("read the account of an earlier version: %w", err)
	}
	if only.Session.ID == 0 {
		return c, true, nil // of a server that is gone; nothing could be done with it
	}
	c.put(record{URL: only.URL, Session: only.Session, Secrets: &secrets{Value: only.Value}})
	c.Active = only.Session.ID
	return c, true, nil
}

// removeOld removes the file of an earlier version.
func (f folder) removeOld() error {
	if err := os.Remove(filepath.Join(f.path, oldFileName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the account of an earlier version: %w", err)
	}
	f.step()
	return nil
}

// write replaces accounts.json whole: a crash leaves the old one or the new one.
// What could not be read again is not written: nobody's account would open then.
func (f folder) write(c content) error {
	raw, err := json.Marshal(c, jsontext.WithIndent("  "))
	if err == nil {
		err = json.Unmarshal(raw, &content{})
	}
	if err == nil {
		err = f.replace(raw)
	}
	if err != nil {
		return fmt.Errorf("write the accounts: %w", err)
	}
	return nil
}

func (f folder) replace(raw []byte) error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	next := filepath.Join(f.path, unfinished)
	// Exclusively, so that it is never one that others made or can read.
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in our own data folder
	if err != nil {
		return err
	}
	f.step()
	_, err = file.Write(raw)
	f.step()
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		f.step()
		err = os.Rename(next, filepath.Join(f.path, fileName))
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	f.step()
	return f.sync()
}

// clean removes what a crash has left.
func (f folder) clean() error {
	if err := os.Remove(filepath.Join(f.path, unfinished)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sync makes a renaming durable: on most file systems it lies in the folder.
func (f folder) sync() error {
	if runtime.GOOS == "windows" {
		return nil // NTFS logs renamings, and a folder cannot be synced
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
