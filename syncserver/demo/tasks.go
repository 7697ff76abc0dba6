package demo

func houseTasks() []task {
	return []task{
		{title: "Bleed the radiators", due: 2, assigned: "Ben"},
		{title: "Renew residents' parking", due: 4, assigned: "Anna", priority: 1, note: "Online, needs the registration certificate."},
		{title: "Fix the dripping tap in the bathroom", due: -1, assigned: "Ben", priority: 2, steps: []string{"Buy a 10 mm washer", "Turn off the water", "Change the washer"}},
		{title: "Clear the hall for the washing machine", due: 7, assigned: "Ben Leo"},
		{title: "Take paint tins to the recycling yard", due: 12, assigned: "Anna"},
		{title: "Plant the bulbs", due: 9, assigned: "Oma Mia"},
		{title: "Order firewood", due: 0, clock: "18:00", assigned: "Anna", note: "Two cubic metres of beech, Hof Krüger."},
		{title: "Smoke detector in the cellar: new battery", due: noDue, priority: 1},
		{title: "Hang up the coat hooks at children's height", due: noDue, assigned: "Ben"},
		{title: "Call the roofer about the gutter", due: 1, clock: "10:00", assigned: "Oma"},
		{title: "Read the meters", due: -6, assigned: "Ben", done: true},
		{title: "Repair Leo's bicycle light", due: -10, assigned: "Ben Leo", done: true},
		{title: "Clean out the shed", due: -15, assigned: "Anna Ben", done: true, steps: []string{"Sort the tools", "Sweep", "Give away the old pram"}},
		{title: "Find a sweep's appointment", due: -20, assigned: "Oma", done: true},
	}
}

func schoolTasks() []task {
	return []task{
		{title: "Sign the class trip form", due: 1, assigned: "Anna", priority: 1},
		{title: "Pay 85 € for the class trip", due: 3, assigned: "Ben"},
		{title: "Vikings poster: glue and label", due: 1, assigned: "Leo", steps: []string{"Print the pictures", "Glue the map", "Write the headings", "Practise aloud"}},
		{title: "Learn English words, unit 5", due: 2, assigned: "Leo"},
		{title: "Read pages 10 to 14 aloud", due: 0, assigned: "Mia"},
		{title: "New ink cartridges", due: noDue, assigned: "Leo"},
		{title: "Waffle batter for the school fair", due: 8, assigned: "Anna Oma"},
		{title: "Label Mia's gym bag", due: -2, assigned: "Oma", done: true},
		{title: "Return library books", due: -9, assigned: "Leo", done: true},
		{title: "Fractions worksheet", due: -12, assigned: "Leo", done: true},
	}
}

func birthdayTasks() []task {
	return []task{
		{title: "Write the invitations", due: -4, assigned: "Anna", done: true},
		{title: "Order the roller skates", due: -3, assigned: "Oma", done: true},
		{title: "Plan the treasure hunt", due: 5, assigned: "Ben", steps: []string{"Draw the map", "Hide the clues", "Fill the chest"}},
		{title: "Bake the cake", due: 8, assigned: "Oma", note: "Chocolate, with raspberries, no nuts: Emma is allergic."},
		{title: "Blow up balloons", due: 9, clock: "09:00", assigned: "Ben"},
		{title: "Wrap the presents", due: 7, assigned: "Anna"},
		{title: "Seven party bags", due: 6, assigned: "Anna"},
		{title: "Ask Frau Seidel for her folding table", due: noDue, assigned: "Ben"},
	}
}

func annasTasks() []task {
	return []task{
		{title: "Tax return: send the last receipts", due: 6, priority: 1},
		{title: "Engraving for Ben's watch", due: 13},
		{title: "Reply to the allotment club", due: 2, note: "Plot 42. 380 € a year and twelve hours of work together."},
		{title: "Cancel the old phone contract", due: -5, done: true},
		{title: "Compare electricity tariffs", due: noDue},
	}
}

func movingTasks() []task {
	return []task{
		{title: "Measure the alcove", due: -40, assigned: "Ben", done: true},
		{title: "Empty the bookshelf", due: -38, assigned: "Anna Leo", done: true},
		{title: "Paint the wall", due: -36, assigned: "Anna Ben", done: true},
		{title: "Carry the desk upstairs", due: -35, assigned: "Ben", done: true},
		{title: "Drill a hole for the network cable", due: -34, assigned: "Ben", done: true},
		{title: "Hang the pictures", due: -33, assigned: "Anna", done: true},
	}
}
