/** What kind of file it is. `other` is a FIFO, a socket or a device. */
export type FileKind = "file" | "directory" | "link" | "other";

/** What fstat(2) says. */
export interface FileFacts {
  readonly kind: FileKind;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  /** How many names it has. */
  readonly links: number;
  /** In bytes. */
  readonly size: number;
  /**
   * Device and inode: the same text for the same file, and for another file only after this one is
   * gone. So it tells two files apart only while both are open.
   */
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
 * - FILE-1: a call that fails throws an error whose `code` is the errno name (`ENOENT`), and has changed
 *   nothing; `read` and `write` may do less than they were asked for, and say how much
 * - FILE-2: `read` and `write` pass the address of `bytes` to the kernel: no copy in between
 * - FILE-3: no descriptor is inherited by a program that the process starts, but by the helper of `lock`
 * - FILE-4: `openFile` follows no symbolic link in `name`, never waits for a FIFO's other end, and takes
 *   no terminal as its controlling one
 */
export interface FileCalls extends LockCalls, TrustCalls {
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
  /** At a place of the file, whatever was read of the descriptor before. */
  read(descriptor: number, bytes: Uint8Array<ArrayBuffer>, from: number): number;
  write(descriptor: number, bytes: Uint8Array<ArrayBuffer>): number;
  /** fsync(2), of a file or a directory. */
  sync(descriptor: number): void;
  close(descriptor: number): void;
  /** A second name; fails with `EEXIST` where there is one already. */
  link(directory: Directory, from: string, to: string): void;
  /** Takes the place of what has the name `to`, in one step. */
  rename(directory: Directory, from: string, to: string): void;
  /** As `rename`, failing with `EEXIST` where there is one. Missing where the runtime has no such call. */
  readonly renameNew?: ((directory: Directory, from: string, to: string) => void) | undefined;
  unlink(directory: Directory, name: string): void;
  list(directory: Directory, folder?: string): readonly string[];
}

/** What the lock of {@link FileCalls} takes. */
export interface LockCalls {
  /** For reading and writing; made with mode 0600 where it is missing. */
  openLock(directory: Directory, name: string): number;
  /**
   * An exclusive flock(2), which ends with its holder. Waits for `patience` milliseconds.
   *
   * @returns false when another has it all that time
   * @throws an error with a code when the runtime or the file system has no such lock
   */
  lock(descriptor: number, patience: number): boolean;
  makeDirectory(directory: Directory, name: string): void;
  /** Of an empty one. */
  removeDirectory(directory: Directory, name: string): void;
  /** A file below /proc, as text. */
  readSystemText(path: string): string;
  /** Where a link below /proc leads. */
  readSystemLink(path: string): string;
}

/** What the profiles of {@link Trust} ask. */
export interface TrustCalls {
  /** The effective group and the supplementary ones. */
  groups(): readonly number[];
  /** What lstat(2) says of a name. */
  statName(directory: Directory, name: string): FileFacts;
  readLink(directory: Directory, name: string): string;
  /** A directory below another one; follows no symbolic link. For `lookup`. */
  openFolder(directory: Directory, name: string): Directory;
  /** A descriptor that this process was started with, once the runtime permits its use. */
  inherited(descriptor: number): number;
  /**
   * The POSIX access list as the kernel gives it (`system.posix_acl_access`), or null when there is
   * none. Missing where the runtime cannot read it.
   */
  readonly accessList?: ((descriptor: number) => Uint8Array<ArrayBuffer> | null) | undefined;
}

/** Makes the calls of a runtime. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export type OpenFileCalls = () => FileCalls;
