package e2e

import (
	"slices"
	"strings"
	"testing"

	"inglenook/app/imports"
	"inglenook/store"
	"inglenook/syncserver/servertest"
)

const rowing = `BEGIN:VCALENDAR
X-WR-CALNAME:Rowing
BEGIN:VEVENT
UID:trip
SUMMARY:Trip
DTSTART:20260106T080000
LOCATION:The zoo
CATEGORIES:Fun
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE:20260113T080000
END:VEVENT
BEGIN:VEVENT
UID:concert
SUMMARY:Concert
DTSTART:20260108T180000
END:VEVENT
BEGIN:VTODO
UID:boots
SUMMARY:Boots
END:VTODO
END:VCALENDAR
`

// takes imports files, as one act.
func (d *device) takes(act string, files map[string]string) {
	d.t.Helper()
	in, err := imports.NewReader(d.t.Context(), d.Replica().Device().Kinds(), d.Replica().Device())
	if err != nil {
		d.t.Fatal(err)
	}
	for name, content := range files {
		read, err := in.Read(name, strings.NewReader(content))
		if err != nil {
			d.t.Fatal(err)
		}
		d.write(act, read.Replacements...)
	}
}

// titled finds what the device shows of a kind under a title or name.
func (d *device) titled(kind store.Kind, title string) (out []store.Entity) {
	d.t.Helper()
	for _, e := range d.shown(kind) {
		if e.String("title")+e.String("name") == title {
			out = append(out, e)
		}
	}
	return out
}

// once finds what is there once.
func (d *device) once(kind store.Kind, title string) (e store.Entity) {
	d.t.Helper()
	found := d.titled(kind, title)
	if len(found) != 1 {
		d.t.Fatalf("device %s shows %d of %s %q", d.name, len(found), kind, title)
	}
	return found[0]
}

// TestTheSameFileOnTwoDevices: two devices that import the same before they have
// exchanged make one thing of it, and what either did to it since stays.
func TestTheSameFileOnTwoDevices(t *testing.T) {
	baskets := strings.Repeat("milk,bread,eggs\n", 260) // more than one batch
	files := map[string]string{"rowing.ics": rowing, "groceries.csv": baskets}
	for _, order := range []string{"one after the other", "at once"} {
		t.Run(order, func(t *testing.T) {
			server := servertest.Start(t, servertest.Options{})
			a, b := newDevice(t, "A", server.Clock.Now), newDevice(t, "B", server.Clock.Now)
			for _, d := range []*device{a, b} {
				d.join(server, "Anna")
				d.online()
				d.synced(0)
				d.offline()
				d.takes("import-"+strings.ToLower(d.name), files)
			}
			concert, boots, milk := b.once("event", "Concert"), b.once("item", "Boots"), b.titled("item", "milk")[0]
			b.write("", store.Replacement{Kind: "event", Entity: entity(t, concert.ID, "title", "Concert, late"), Changed: []string{"title"}})
			b.write("", store.Replacement{Kind: "item", Entity: store.Tombstone(boots.ID, 1)})
			a.write("", store.Replacement{Kind: "item", Entity: entity(t, milk.ID, "quantity", 2), Changed: []string{"quantity"}})
			a.online()
			if order != "at once" {
				a.synced(0)
			}
			b.online()
			b.synced(0)
			a.synced(0)
			head := server.Store().Head().ID
			for _, d := range []*device{a, b} {
				d.synced(head)
				if want := serverDigest(t, server, "Anna"); d.digest() != want {
					t.Errorf("device %s holds %s, the server %s", d.name, d.digest(), want)
				}
				if parked, err := d.Replica().Device().Parked(t.Context()); err != nil || len(parked) != 0 {
					t.Errorf("device %s has parked %v, %v", d.name, parked, err)
				}
				for kind, title := range map[store.Kind]string{"calendar": "Rowing", "list": "Rowing", "place": "The zoo", "event": "Trip"} {
					d.once(kind, title)
				}
				if e := d.once("event", "Concert, late"); e.ID != concert.ID {
					t.Errorf("the concert is %v", e)
				}
				if again := append(d.titled("event", "Concert"), d.titled("item", "Boots")...); len(again) != 0 {
					t.Errorf("device %s shows twice %v", d.name, again)
				}
				if n := len(d.titled("list", "Basket 7")); n != 1 {
					t.Errorf("device %s shows basket 7 %d times", d.name, n)
				}
				for _, e := range d.titled("item", "milk") {
					if e.ID == milk.ID && string(e.Fields["quantity"]) != "2" {
						t.Errorf("device %s shows %v", d.name, e)
					}
				}
			}
		})
	}
}

// TestTheSameFileOutOfSight: what somebody has imported for themselves, or
// deleted since, does not swallow what another imports.
func TestTheSameFileOutOfSight(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a, b := newDevice(t, "A", server.Clock.Now), newDevice(t, "B", server.Clock.Now)
	a.join(server, "Anna")
	b.join(server, "Ben")
	for _, d := range []*device{a, b} {
		d.online()
		d.synced(0)
		d.offline()
		d.takes("import-"+strings.ToLower(d.name), map[string]string{"rowing.ics": rowing})
	}
	calendar := b.once("calendar", "Rowing")
	ben := map[string]string{server.User(t, "Ben").ID.String(): "write"}
	b.write("", store.Replacement{Kind: "calendar", Entity: entity(t, calendar.ID, "audience", ben), Changed: []string{"audience"}})
	boots := b.once("item", "Boots")
	b.write("", store.Replacement{Kind: "item", Entity: store.Tombstone(boots.ID, 1)})
	b.online()
	b.synced(0)
	a.online()
	a.synced(0)
	a.synced(server.Store().Head().ID)
	own := a.once("calendar", "Rowing")
	if own.ID == calendar.ID {
		t.Error("Anna's calendar is Ben's")
	}
	if parked, err := a.Replica().Device().Parked(t.Context()); err != nil || len(parked) != 0 {
		t.Errorf("parked is %v, %v", parked, err)
	}
	a.once("item", "Boots")
	trip := a.once("event", "Trip")
	if trip.IDField("calendarId") != own.ID {
		t.Errorf("the trip lies in calendar %d", trip.IDField("calendarId"))
	}
	calledOff := func(o store.Entity) bool { return o.IDField("eventId") == trip.ID && o.Bool("excluded") }
	if !slices.ContainsFunc(a.shown("occurrence"), calledOff) {
		t.Error("the trip is not called off for a week")
	}
}
