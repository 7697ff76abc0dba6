package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/syncserver/auth"
)

type userCommand struct {
	Add userAddCommand `cmd:"" help:"Add a user."`
}

type userAddCommand struct {
	dataFlags
	Name          string `help:"The user's name." required:""`
	Access        string `help:"What the user may do." enum:"admin,member,child,guest,display" default:"member"`
	PasswordStdin bool   `help:"Read the password from standard input, one line."`
}

func (c *userAddCommand) Run(s *surroundings) (err error) {
	password := ""
	if c.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(s.stdin, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
		if err := auth.Check(password); err != nil {
			return err
		}
	}
	home, closeHome, err := c.household(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHome()) }()
	if _, err := home.UserByName(s.ctx, c.Name); err == nil {
		return store.Errorf(store.CodeNameTaken, "name", "there is a user of this name already")
	}
	id, err := add(s, home, c.Name, c.Access)
	if err != nil {
		return err
	}
	if c.PasswordStdin {
		if err := auth.NewPassword(home, time.Now).Set(s.ctx, id, password, auth.From{}); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.stdout, "added %s, %s\n", c.Name, c.Access)
	return err
}

// add writes the user, and the household when this is its first.
func add(s *surroundings, home *household.Store, name, access string) (store.ID, error) {
	id, now := store.NewID(), store.TimestampOf(time.Now())
	user, err := kind.ToEntity(id, now, kind.User{Name: name, Access: kind.UserAccess(access), Color: auth.FirstColor})
	if err != nil {
		return 0, err
	}
	things := []store.Replacement{{Kind: "user", Entity: user}}
	found, err := home.Household(s.ctx)
	if err != nil {
		return 0, err
	}
	if found.ID == 0 {
		first, err := kind.ToEntity(1, now, kind.Household{Name: name})
		if err != nil {
			return 0, err
		}
		things = append([]store.Replacement{{Kind: "household", Entity: first}}, things...)
	}
	return id, home.Found(s.ctx, id, things)
}
