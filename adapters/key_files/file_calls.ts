/** What kind of file a descriptor is open on. Anything but the first two is `other`. */
export type FileKind = "file" | "directory" | "other";

/** What fstat(2) says. */
export interface FileFacts {
  readonly kind: FileKind;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly owner: number;
  /** How many names it has. */
  readonly links: number;
  /** In bytes. */
  readonly size: number;
  /** The same text for the same file, as long as it exists: device and inode. */
  readonly identity: string;
  /** When its content changed last, in milliseconds since 1970. */
  readonly modified: number;
}

/** An open directory. Names are resolved against the descriptor where the system can. */
export interface Directory {
  readonly descriptor: number;
  readonly path: string;
}

/**
 * The system calls that key files are made of.
 *
 * A conforming implementation keeps these rules:
 *
 * - K1: a call that fails throws an error whose `code` is the errno name (`ENOENT`), and has changed
 *   nothing; `read` and `write` may do less than they were asked for, and say how much
 * - K2: `read` and `write` pass the address of `bytes` to the kernel: no copy in between
 * - K3: no descriptor is inherited by a program that the process starts
 * - K4: `openFile` follows no symbolic link in `name`, never waits for a FIFO's other end, and takes
 *   no terminal as its controlling one
 */
export interface FileCalls {
  /** Whether owner, mode and directory mean anything here. Not on Windows, which has lists instead. */
  readonly access: "checked" | "not checked";
  /** The effective user. */
  user(): number;
  /** Follows symbolic links. Opened for `lookup` it need not be readable, and cannot be synced. */
  openDirectory(path: string, purpose: "lookup" | "change"): Directory;
  openFile(directory: Directory, name: string): number;
  /** For writing; of a name that is not there, with mode 0400 less the umask. */
  createFile(directory: Directory, name: string): number;
  stat(descriptor: number): FileFacts;
  chmod(descriptor: number, mode: number): void;
  read(descriptor: number, bytes: Uint8Array<ArrayBuffer>): number;
  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): number;
  /** fsync(2), of a file or a directory. */
  sync(descriptor: number): void;
  close(descriptor: number): void;
  /** A second name; fails with `EEXIST` where there is one already. */
  link(directory: Directory, from: string, to: string): void;
  /** Takes the place of what has the name `to`, in one step. */
  rename(directory: Directory, from: string, to: string): void;
  unlink(directory: Directory, name: string): void;
  list(directory: Directory): readonly string[];
}

/** Makes the calls of a runtime. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export type OpenFileCalls = () => FileCalls;
