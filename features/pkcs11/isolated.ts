import { wrongType } from "../../core/arguments/argument_error.ts";
import { isBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { type ApplicationHost, openGuest } from "../custodian/open_guest.ts";
import { IsolatedKey } from "./isolated_key.ts";
import { checkKeyOptions, copyOfPin, PKCS11_OPTIONS } from "./options.ts";
import { failed, VERB } from "./pkcs11_error.ts";
import type { OpenPkcs11 } from "./types.ts";

/** {@link OpenPkcs11} by a process of a runtime. */
export function pkcs11In(host: ApplicationHost): OpenPkcs11 {
  return async (secrets, options) => {
    const own = readOptions(options, VERB, [...PKCS11_OPTIONS, ...PROCESS_OPTIONS]);
    const { environment, timeout = 120_000, pin, ...rest } = own;
    const { runtime, program, libraryPath, startMilliseconds, ...ofKey } = rest;
    const { text, hash, spendLastTry, name } = checkKeyOptions(secrets, ofKey);
    checkInteger(timeout, VERB, "timeout", 1, 2 ** 31 - 1);
    const variables = checkEnvironment(environment);
    const copy = pin === undefined ? undefined : copyOfPin(secrets, pin);
    let key: IsolatedKey | undefined;
    try {
      const process = await openGuest(host, {
        ...{ secrets, environment: variables, runtime, program, libraryPath, startMilliseconds },
      });
      key = new IsolatedKey(secrets, process, name, timeout);
      await key.load({ text, hash, holds: spendLastTry }, copy);
      if (isBytes(pin)) wipeBytes(pin);
      return key;
    } catch (error) {
      key?.destroy();
      throw notStarted(error);
    } finally {
      copy?.destroy();
    }
  };
}

const PROCESS_OPTIONS = [
  "environment",
  "timeout",
  "runtime",
  "program",
  "libraryPath",
  "startMilliseconds",
] as const;

/** What the start of a process has to say, as an error of a key: another identity may then do. */
function notStarted(error: unknown): unknown {
  if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_CUSTODIAN") return error;
  return failed(`no process for its module: ${error.message.replace(/^Cannot [^:]*: /, "")}`);
}

function checkEnvironment(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const own = isObject ? Object.entries(given as object) : [["", ""]];
  for (const [name, value] of own) {
    if (NAME.test(name) && typeof value === "string" && !value.includes("\0")) continue;
    throw wrongType(
      `Cannot ${VERB} as environment must be an object of strings by the names of variables`,
    );
  }
  const steering = own.find(([name]) => STEERING.test(name));
  if (steering === undefined) return Object.fromEntries(own) as Record<string, string>;
  throw wrongType(
    `Cannot ${VERB} as environment may not name ${steering[0]}: a runtime or the loader of libraries acts on it`,
  );
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Files and code of a runtime, of V8 and JavaScriptCore, of OpenSSL, ICU and the loader. */
const STEERING =
  /^(?:HOME$|XDG_CONFIG_HOME$|(?:LETHE_CUSTODIAN|NODE|DENO|BUN|JSC|LD|DYLD|GLIBC|OPENSSL|ICU|UV|SSL|NPM)_)/;
