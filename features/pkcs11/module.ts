import { LetheError } from "../../core/contract/errors.ts";
import type { Addresses, Ffi, Symbols } from "../../system/ffi.ts";
import { fs, process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { libraryFlaw } from "../../system/system_program.ts";
import {
  CALLS,
  type CallName,
  CKF_OS_LOCKING_OK,
  FUNCTION_LIST_BYTES,
  POSITIONS,
} from "./cryptoki.ts";
import { failed, refused } from "./pkcs11_error.ts";
import { returnValueName } from "./return_values.ts";
import { Scratch } from "./scratch.ts";

const ENTRY = { C_GetFunctionList: { parameters: ["bytes"], result: "usize" } } as const;

/**
 * A PKCS#11 module that was loaded into this process.
 *
 * - MODULE-1: it is loaded by an absolute path that only root and this user can change: the file, each folder above it and each
 *   link on the way
 * - MODULE-2: `C_Initialize` asks for locking with the system's threads. A module that another thread or library of this
 *   process has initialised is refused: the login of a token belongs to the whole process
 * - MODULE-3: `C_Finalize` follows the last use
 */
export class Pkcs11Module {
  readonly scratch: Scratch;
  readonly #calls: Symbols<typeof CALLS>;
  #uses = 0;
  #isReady = false;
  #isDoubtful = false;

  /** @throws {Pkcs11Error} when it does not load or is none */
  constructor(ffi: Ffi, path: string) {
    this.#calls = open(ffi, path);
    this.scratch = new Scratch(ffi);
  }

  /** @throws {Pkcs11Error} when it cannot be initialised; it is then not entered */
  enter(): void {
    this.prepare();
    this.#uses += 1;
  }

  leave(): void {
    this.#uses -= 1;
    if (this.#uses === 0) this.#end();
  }

  /**
   * Before each use: initialises it, if that is not done, and once more after {@link doubt}.
   *
   * @throws {Pkcs11Error}
   */
  prepare(): void {
    if (this.#isDoubtful) this.#end();
    if (this.#isReady) return;
    this.scratch.frame(() => {
      // CK_C_INITIALIZE_ARGS: four functions for locks that are not given, the flags, and a reserved word.
      const args = this.scratch.words(0n, 0n, 0n, 0n, CKF_OS_LOCKING_OK, 0n);
      this.call("C_Initialize", args.address);
    });
    this.#isReady = true;
  }

  /**
   * After an error: a server that ended, or a token that was removed, may be found again by a module that starts over. There is no
   * session between two calls, so that nobody loses one.
   */
  doubt(): void {
    this.#isDoubtful = true;
  }

  #end(): void {
    this.#isDoubtful = false;
    if (this.#isReady) this.#calls.C_Finalize(0n); // nothing follows from what it returns
    this.#isReady = false;
  }

  /** What a function returns, by its name: `CKR_OK`. */
  ask<N extends CallName>(name: N, ...values: Parameters<Symbols<typeof CALLS>[N]>): string {
    const call = this.#calls[name] as (...values: readonly unknown[]) => bigint;
    return returnValueName(call(...values));
  }

  /** @throws {Pkcs11Error} unless it returns `CKR_OK` */
  call<N extends CallName>(name: N, ...values: Parameters<Symbols<typeof CALLS>[N]>): void {
    const returned = this.ask(name, ...values);
    if (returned !== "CKR_OK") throw refused(name, returned);
  }
}

/** Of this thread: another one has its own, and finds the module in use. */
const loaded = new Map<string, Pkcs11Module>();

/** @throws {Pkcs11Error | LetheError} */
export function loadModule(ffi: () => Ffi, path: string): Pkcs11Module {
  checkPath(path);
  const file = fs.realpathSync(path); // a link is another name of the same module
  const found = loaded.get(file);
  if (found !== undefined) return found;
  const module = new Pkcs11Module(ffi(), file);
  loaded.set(file, module);
  return module;
}

function checkPath(path: string): void {
  const flaw = libraryFlaw(path, userHere());
  if (flaw === null) return;
  if (flaw.isAbsent) throw failed("there is no such module; correct module-path");
  throw failed(`${flaw.reason}; ${flaw.remedy}`);
}

/** Where Deno does not tell, only root's modules are loaded. */
function userHere(): number {
  return isPermitted({ name: "sys", kind: "uid" }) ? (process.geteuid?.() ?? 0) : 0;
}

function open(ffi: Ffi, path: string): Symbols<typeof CALLS> {
  if (ffi.platform !== "linux" && ffi.platform !== "darwin") {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot load PKCS#11 module: Lethe does not know the structures of ${ffi.platform}`,
    );
  }
  try {
    const entry = ffi.open(path, ENTRY);
    // Some modules give no other name than this one. Where a runtime calls by names alone, the others are tried.
    if (ffi.openAt === undefined) return ffi.open(path, CALLS);
    const list = new BigUint64Array(1);
    const returned = returnValueName(entry.C_GetFunctionList(new Uint8Array(list.buffer)));
    if (returned !== "CKR_OK") throw refused("C_GetFunctionList", returned);
    return ffi.openAt(addressesIn(ffi, list[0] ?? 0n), CALLS);
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_WRAPPER") throw error;
    const said = error instanceof Error ? error.message.split("\n")[0] : "refused";
    throw failed(`the module does not load (${said}); ${remedyFor(ffi, `${said}`)}`);
  }
}

function remedyFor(ffi: Ffi, said: string): string {
  if (said.includes("--allow-ffi")) {
    return "grant --allow-ffi without a path, because its functions are called by their addresses";
  }
  return ffi.openAt === undefined
    ? "node:ffi calls functions by their names alone, which this module may not give: install koffi"
    : "give the path of a PKCS#11 module for this architecture";
}

function addressesIn(ffi: Ffi, list: bigint): Addresses<typeof CALLS> {
  if (list === 0n) throw failed("the module gives no functions; use another module");
  const pointers = new BigUint64Array(ffi.viewAt(list, FUNCTION_LIST_BYTES));
  // CK_VERSION stands in front, as two bytes.
  const major = Number((pointers[0] ?? 0n) & 0xffn);
  if (major !== 2 && major !== 3) {
    throw failed(`the module is of Cryptoki ${major}, and Lethe calls 2 and 3; use another one`);
  }
  const found = Object.entries(POSITIONS).map(
    ([name, position]) => [name, pointers[1 + position] ?? 0n] as const,
  );
  const missing = found.find(([, address]) => address === 0n);
  if (missing !== undefined) throw failed(`the module has no ${missing[0]}; use another one`);
  return Object.fromEntries(found) as Addresses<typeof CALLS>;
}
