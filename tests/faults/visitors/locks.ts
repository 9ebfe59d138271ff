// The locks of a process on the files of an SQLite database, as Linux reports them. Without them
// other programs treat the database as unused.

/** What a process must hold from the time it has opened the database until it closes it. */
export interface HeldLocks {
  /** That on the database: without it another program may remove the log. */
  readonly database: boolean;
  /** That on the -shm file: without it another program may begin that file again. */
  readonly shm: boolean;
}

/** Where SQLite has them (https://sqlite.org/src/file/src/os_unix.c: SHARED_FIRST, UNIX_SHM_DMS). */
const SHARED_FIRST = 0x40000000 + 2;
const SHM_IN_USE = 128;

/** Linux tells its list in pieces, and what changes between two may hide a lock that is there. */
const LOOKS = 10;

export function findLocks(pid: number, path: string): HeldLocks {
  const found = { database: false, shm: false };
  // A lock that is lost does not come back.
  for (let look = 0; look < LOOKS && !(found.database && found.shm); look++) {
    const held = Deno.readTextFileSync("/proc/locks").split("\n").filter((line) =>
      line.split(/ +/)[4] === `${pid}`
    );
    const isHeld = (file: string, from: number) => {
      const { ino } = Deno.lstatSync(file);
      return held.some((line) => line.includes(`:${ino} ${from} `));
    };
    found.database ||= isHeld(path, SHARED_FIRST);
    found.shm ||= isHeld(`${path}-shm`, SHM_IN_USE);
  }
  return found;
}

/** What the log's header says that it is: another thing each time that it begins again. */
export function logIdentity(path: string): string {
  const header = new Uint8Array(32);
  using file = Deno.openSync(`${path}-wal`);
  file.readSync(header);
  return header.subarray(12, 24).toHex();
}
