// Which locks a process holds on the files of an SQLite database, as Linux tells it. A server that has
// lost them is alone in believing that it has the database.

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

export function findLocks(pid: number, path: string): HeldLocks {
  const held = Deno.readTextFileSync("/proc/locks").split("\n").filter((line) =>
    line.split(/ +/)[4] === `${pid}`
  );
  const isHeld = (file: string, from: number) => {
    const { ino } = Deno.lstatSync(file);
    return held.some((line) => line.includes(`:${ino} ${from} `));
  };
  return { database: isHeld(path, SHARED_FIRST), shm: isHeld(`${path}-shm`, SHM_IN_USE) };
}

/** What the log's header says that it is: another thing each time that it begins again. */
export function logIdentity(path: string): string {
  const header = new Uint8Array(32);
  using file = Deno.openSync(`${path}-wal`);
  file.readSync(header);
  return header.subarray(12, 24).toHex();
}
