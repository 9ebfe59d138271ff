// How both programs end, as numbers a script can rely on (after sysexits.h where it has one).

export const EXIT_CODES = {
  done: 0,
  /** Refused by the server; of a server: stopped hard, with connections cut. */
  refused: 1,
  /** A person has decided against it. */
  rejected: 3,
  /** Of `status`: something is there for the person. */
  forYou: 10,
  /** Wrong option or argument. */
  usage: 64,
  /** Server or database out of reach. */
  unreachable: 69,
  /** Try again: the answer is unknown, or the data file is in use by another server. */
  tryAgain: 75,
  /** Not this protocol or version. */
  protocol: 76,
  denied: 77,
  /** Configuration file, environment or permission. */
  config: 78,
  timeout: 124,
  interrupted: 130,
} as const;
