// How the page looks on this device: chosen here, kept here.

import { i18n } from '../i18n/i18n.svelte';
import { kept } from '../kept';

export const themes = ['auto', 'light', 'dark'] as const;
export const textSizes = ['normal', 'large', 'largest'] as const;

interface Choice {
	theme: (typeof themes)[number];
	textSize: (typeof textSizes)[number];
	contrast: boolean;
	/** 0 is Sunday; undefined follows the region. */
	weekStart: number | undefined;
	/** Large rows on lists, for the shop and the wall. */
	largeRows: boolean;
}

const store = 'inglenook.appearance';
const asDevice: Choice = {
	theme: 'auto',
	textSize: 'normal',
	contrast: false,
	weekStart: undefined,
	largeRows: false
};

class Appearance {
	#choice = $state.raw<Choice>(read());

	get choice(): Choice {
		return this.#choice;
	}

	set(change: Partial<Choice>): void {
		this.#choice = { ...this.#choice, ...change };
		kept.write(store, JSON.stringify(this.#choice));
	}

	/** Puts the choice on the root element, where the tokens look for it. */
	apply(root: HTMLElement, systemContrast: boolean): void {
		const { theme, textSize, contrast } = this.#choice;
		root.dataset.theme = theme;
		root.dataset.text = textSize;
		root.dataset.contrast = contrast || systemContrast ? 'more' : '';
	}
}

function read(): Choice {
	try {
		const chosen: unknown = JSON.parse(kept.read(store) ?? '{}');
		return { ...asDevice, ...(chosen as Partial<Choice>) };
	} catch {
		return asDevice; // written by another version
	}
}

export const appearance = new Appearance();

/** 0 is Sunday: what the person chose, else what their region does. */
export function firstDayOfWeek(): number {
	return appearance.choice.weekStart ?? regional(i18n.tag);
}

function regional(tag: string): number {
	const locale = new Intl.Locale(tag) as Intl.Locale & {
		getWeekInfo?: () => { firstDay: number };
		weekInfo?: { firstDay: number };
	};
	// 7 is Sunday there.
	return ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) % 7;
}
