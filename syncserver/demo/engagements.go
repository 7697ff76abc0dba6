package demo

func familyEvents() []engagement {
	return []engagement{
		{-4, tue, "15:30", "PT45M", "Dentist, Mia", "Mia, Anna bring fetch", "Dr. Ott, dentist", "Health", "Check-up. One tooth is loose."},
		{-4, sat, "10:00", "PT3H", "Football tournament", "Leo, Ben bring fetch, Mia", "Sportplatz Nord", "Sport", "We bring apples and the big water can."},
		{-4, sun, "15:00", "PT2H", "Coffee at Oma's", "Anna, Ben, Leo, Mia", "Oma's flat", "Visit", ""},
		{-3, mon, "18:00", "PT1H", "Tenants' meeting", "Ben", "", "", "Bicycle room, new intercom."},
		{-3, wed, "16:00", "PT30M", "Vaccination, Leo", "Leo, Anna bring fetch", "Kinderarztpraxis Dr. Yılmaz", "Health", "Yellow vaccination book!"},
		{-3, sat, "11:00", "PT2H", "Town library", "Anna, Leo, Mia", "Town library", "", "Return the dinosaur books."},
		{-3, sun, "14:00", "PT4H", "Bicycle tour to the lake", "Anna, Ben, Leo, Mia", "", "", ""},
		{-2, tue, "19:00", "PT2H", "Ben: band rehearsal", "Ben", "", "", ""},
		{-2, thu, "09:00", "PT1H", "Chimney sweep", "Oma", "At home", "", "Needs to get into the boiler room."},
		{-2, sat, "15:00", "PT3H", "Emma's birthday party", "Mia, Ben bring, Anna fetch", "", "Birthday", "Present: the watercolour box."},
		{-1, mon, "17:30", "PT30M", "New glasses for Oma", "Oma, Ben bring fetch", "", "Health", ""},
		{-1, tue, "08:30", "PT30M", "Mia to the doctor", "Mia, Ben bring fetch", "Kinderarztpraxis Dr. Yılmaz", "Health", "Open surgery, be there early."},
		{-1, fri, "08:00", "PT1H", "Car to the garage", "Ben", "Autohaus Brandt", "", "Winter check and the noise at the back left."},
		{-1, sat, "09:30", "PT3H", "Flea market in the yard", "Anna, Leo, Mia", "At home", "", "Leo sells the train set."},
		{-1, sun, "16:00", "PT1H30M", "Chess with Opa Karl", "Leo", "At home", "Visit", ""},
		{0, mon, "17:00", "PT30M", "Fetch the car", "Ben", "Autohaus Brandt", "", ""},
		{0, tue, "19:00", "PT2H", "Ben: band rehearsal", "Ben", "", "", ""},
		{0, wed, "15:30", "PT45M", "Dentist, Leo", "Leo, Oma bring, Anna fetch", "Dr. Ott, dentist", "Health", "Brace: second fitting."},
		{0, fri, "16:10", "PT30M", "Meet Oma at the station", "Oma, Anna fetch", "Hauptbahnhof", "Visit", "Arrives 16:10, platform 5, with the big suitcase."},
		{0, sat, "09:00", "PT1H30M", "Market and big shop", "Anna, Mia", "", "", ""},
		{0, sat, "14:00", "PT2H", "League match, home", "Leo, Ben bring fetch, Oma", "Sportplatz Nord", "Sport", ""},
		{0, sun, "10:30", "PT2H", "Pancake breakfast", "Anna, Ben, Oma, Leo, Mia", "At home", "", ""},
		{1, mon, "16:00", "PT1H", "Shoes for Mia", "Mia, Oma bring fetch", "", "", "Size 31 is too small. Velcro, please."},
		{1, tue, "18:30", "PT1H30M", "Parent council", "Anna", "Grundschule am Weiher", "School", ""},
		{1, thu, "10:00", "PT4H", "Washing machine delivered", "Oma", "At home", "", "They ring half an hour before. Clear the hall."},
		{1, sat, "15:00", "PT3H", "Mia's birthday party", "Mia, Anna, Ben, Leo, Oma", "At home", "Birthday", "Seven children, treasure hunt in the yard. Cake: Oma."},
		{1, sun, "11:00", "PT2H", "Brunch with Katrin", "Anna, Leo declined, Mia", "Café Morgenrot", "Visit", ""},
		{2, fri, "08:00", "PT45M", "Eye test, Leo", "Leo, Anna bring fetch", "", "Health", ""},
		{2, wed, "20:00", "PT2H", "Concert: Bach Collegium", "Anna, Ben", "", "", "Oma minds the children. Tickets in the drawer."},
		{2, thu, "14:30", "PT2H", "Chess tournament", "Leo, Oma bring", "Town library", "", "Ends about half past four; the library closes at five."},
		{2, sun, "10:00", "PT3H", "Swimming badge: Seepferdchen", "Mia, Anna bring, Ben fetch", "Stadtbad", "Sport", "25 metres, and the ring from the bottom."},
		{3, mon, "09:00", "PT30M", "Boiler service", "Oma", "At home", "", ""},
		{3, wed, "16:00", "PT1H", "Haircuts", "Leo, Mia, Ben bring fetch", "", "", ""},
		{3, sat, "09:26", "PT3H50M", "Train to Rügen", "Anna, Ben, Leo, Mia", "Hauptbahnhof", "Holiday", "Platform 8, coach 11, seats 61 to 64."},
		{4, tue, "11:00", "PT5H", "Boat trip to the chalk cliffs", "Anna, Ben, Leo, Mia", "", "Holiday", "Only when the wind is below five."},
		{4, sun, "13:18", "PT4H", "Train home", "Anna, Ben, Leo, Mia", "", "Holiday", ""},
	}
}

func schoolEvents() []engagement {
	return []engagement{
		{-4, thu, "18:00", "PT1H30M", "Parents' evening 1a", "Anna", "Grundschule am Weiher", "School", "Room 12. Sign up for the reading mothers and fathers."},
		{-3, fri, "08:00", "PT45M", "Maths test, Leo", "Leo", "Grundschule am Weiher", "School", "Fractions."},
		{-2, wed, "09:00", "PT3H", "Museum visit 1a", "Mia", "", "School", "Sandwich and a rain jacket. 4 € in an envelope."},
		{-1, thu, "08:50", "PT45M", "English test, Leo", "Leo", "Grundschule am Weiher", "School", "Units 3 and 4."},
		{0, tue, "09:45", "PT45M", "School photographer", "Leo, Mia", "Grundschule am Weiher", "School", ""},
		{0, thu, "11:00", "PT1H", "Leo presents: the Vikings", "Leo", "Grundschule am Weiher", "School", "Poster is behind the wardrobe."},
		{1, wed, "08:00", "PT45M", "German test, Leo", "Leo", "Grundschule am Weiher", "School", ""},
		{1, fri, "15:00", "PT3H", "School fair", "Anna, Leo, Mia, Ben tentative", "Grundschule am Weiher", "School", "We have the waffle stall from four to five."},
		{3, tue, "17:00", "PT20M", "Talk with Frau Petersen", "Anna, Ben", "Grundschule am Weiher", "School", "About Leo and the new school."},
		{3, fri, "08:00", "PT3H30M", "Reports, school ends at 11:30", "Leo, Mia, Oma fetch", "Grundschule am Weiher", "School", ""},
	}
}

func annasEvents() []engagement {
	return []engagement{
		{-4, fri, "18:00", "PT3H", "Choir concert, dress rehearsal", "Anna", "", "", ""},
		{-2, tue, "08:15", "PT30M", "Blood test", "Anna", "", "Health", "Nothing to eat before."},
		{-1, wed, "20:00", "PT1H30M", "Book group: Die Wand", "Anna", "", "", ""},
		{0, thu, "07:45", "PT30M", "Call with the bank", "Anna", "", "", ""},
		{1, wed, "18:30", "PT1H", "Look at the allotment", "Anna", "", "", "Plot 42. Do not tell the children yet."},
		{2, fri, "12:00", "PT1H", "Pick up Ben's watch", "Anna", "", "", "A surprise, the engraver is open until one."},
		{3, wed, "20:00", "PT1H30M", "Book group: Unterleuten", "Anna", "", "", ""},
	}
}
