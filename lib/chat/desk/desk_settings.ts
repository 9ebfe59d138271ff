// What is configured of the desk: when its alarms are due, and ready texts for operators. Knows no file.

/** After how many milliseconds it is an event of the desk that an inquiry waits; undefined: never. */
export interface AlarmTimes {
  /** Nobody has seen it. */
  readonly unseen?: number | undefined;
  /** Nobody has answered it. */
  readonly unanswered?: number | undefined;
}

export interface DeskSettings {
  /** Of inquiries in queues that have none of their own. */
  readonly alarms: AlarmTimes;
  readonly queueAlarms: ReadonlyMap<string, AlarmTimes>;
  /** Ready texts by name, in the order of the file. */
  readonly texts: ReadonlyMap<string, string>;
}

export const NO_DESK_SETTINGS: DeskSettings = {
  alarms: {},
  queueAlarms: new Map(),
  texts: new Map(),
};

/** What a ready text may name. */
interface Named {
  readonly asker: string;
  readonly operator: string;
  readonly inquiry: number;
}

/** A ready text with `{asker}`, `{operator}` and `{inquiry}` replaced; all else stays as it is. */
export function fillText(text: string, named: Named): string {
  return text.replaceAll(
    /\{(asker|operator|inquiry)\}/g,
    (_, name: keyof Named) => String(named[name]),
  );
}
