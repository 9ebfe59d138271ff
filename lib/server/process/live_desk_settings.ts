// The settings of the desk while a server runs: read at its start, and again when the operator asks for it.

import type { DeskSettings } from "../../chat/desk/desk_settings.ts";
import { messageOf } from "../../error_message.ts";
import type { Log } from "../../log.ts";

interface LiveDeskSettingsOptions {
  /** Reads the file. @throws when it is missing or wrong */
  readonly read: () => DeskSettings;
  readonly log: Log;
}

export class LiveDeskSettings {
  readonly #options: LiveDeskSettingsOptions;
  #current: DeskSettings;

  /** @throws what `read` throws */
  constructor(options: LiveDeskSettingsOptions) {
    this.#options = options;
    this.#current = options.read();
  }

  get current(): DeskSettings {
    return this.#current;
  }

  /** Reads the file again. One that is missing or wrong changes nothing; the log says what has happened. */
  reload(): void {
    const { read, log } = this.#options;
    try {
      this.#current = read();
      log.info("desk file read", { texts: this.#current.texts.size });
    } catch (error) {
      log.error("desk file kept as it was", { reason: messageOf(error) });
    }
  }
}
