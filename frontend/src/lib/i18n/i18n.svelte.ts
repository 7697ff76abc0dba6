// Which language speaks, and how it writes dates and numbers.
import { kept } from '../kept';
import { de } from './de';
import { en, type Messages } from './en';

export const languages = { en, de };
export type Language = keyof typeof languages;

const store = 'inglenook.language';

/** The language of this page; follows the browser unless the person chose one. */
class I18n {
	#chosen = $state<Language | undefined>(read());

	/** The person's choice; undefined follows the device. */
	get chosen(): Language | undefined {
		return this.#chosen;
	}

	set chosen(language: Language | undefined) {
		this.#chosen = language;
		kept.write(store, language);
	}

	get language(): Language {
		return this.#chosen ?? fromDevice(navigator.languages);
	}

	get t(): Messages {
		return languages[this.language];
	}

	/** BCP 47 tag for Intl: keeps the device's region (en-GB writes dates unlike en-US). */
	get tag(): string {
		return navigator.languages.find((tag) => tag.startsWith(this.language)) ?? this.language;
	}
}

function read(): Language | undefined {
	const chosen = kept.read(store);
	return chosen && chosen in languages ? (chosen as Language) : undefined;
}

function fromDevice(tags: readonly string[]): Language {
	for (const tag of tags) {
		const language = tag.split('-')[0] as Language;
		if (language in languages) return language;
	}
	return 'en';
}

export const i18n = new I18n();
