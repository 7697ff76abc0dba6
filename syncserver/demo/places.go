package demo

import "inglenook/store/kind"

func (h *house) places() {
	for _, p := range []kind.Place{
		{Name: "Grundschule am Weiher", Address: "Weiherstraße 12, 12345 Berlin", Description: "Side gate on the playground opens at 7:40. After-school club: ring twice."},
		{Name: "Sportplatz Nord", Address: "Am Bahndamm 3, 12345 Berlin", Description: "Artificial turf at the back. Parking is tight, drop off at the kiosk."},
		{Name: "Dr. Ott, dentist", Address: "Marktplatz 4, 2nd floor, 12345 Berlin", Description: "Lift in the yard. Bring the bonus booklet."},
		{Name: "Kinderarztpraxis Dr. Yılmaz", Address: "Lindenallee 21, 12345 Berlin", Description: "Open surgery from 8 to 10, no appointment needed."},
		{Name: "Stadtbad", Address: "Badstraße 1, 12345 Berlin"},
		{Name: "Musikschule", Address: "Schlossweg 9, 12345 Berlin", Description: "Piano is in room 14, upstairs on the left."},
		{Name: "Oma's flat", Address: "Rosenweg 15, 12347 Berlin", Description: "Key with Frau Seidel on the ground floor."},
		{Name: "Town library", Address: "Marktplatz 1, 12345 Berlin"},
		{Name: "Café Morgenrot", Address: "Kastanienweg 2, 12345 Berlin"},
		{Name: "Autohaus Brandt", Address: "Industriestraße 40, 12349 Berlin", Description: "Key drop to the right of the gate."},
		{Name: "Hauptbahnhof", Address: "Europaplatz 1, 10557 Berlin", Geo: "geo:52.5251,13.3694"},
		{Name: "Holiday flat Möwennest", Address: "Strandstraße 8, 18586 Göhren", Geo: "geo:54.3442,13.7383", Description: "Key safe beside the door, code in the holiday note. Second floor."},
		{Name: "At home", Address: "Lindenhof 7, 12345 Berlin"},
	} {
		h.place[p.Name] = h.add(h.standing(55), p)
	}
}
