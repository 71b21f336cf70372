/** What is mutated, and by which tests. A test that starts a process sees no mutant, so it is not among them. */
export interface Folder {
  readonly name: string;
  readonly files: string;
  /** Files that only tests run which are left out. */
  readonly without?: readonly string[];
  /** Tests that are left out, and why. */
  readonly except?: readonly { readonly test: string; readonly why: string }[];
  /**
   * Of the tests that start no process, those whose path begins with one of these, in this order: first those
   * that share the least between one test and the next, since a mutant that spoils that costs a new process.
   */
  readonly tests: readonly string[];
  /** Tests that start something as well, and yet run most of the folder in their own process. */
  readonly also?: readonly string[];
  /** Percent of the reached mutants that have to be killed. */
  readonly aim: number;
}

export const FOLDERS: readonly Folder[] = [
  {
    name: "core",
    files: "core/**/*.ts",
    without: ["core/dropped.ts"],
    tests: ["core/secret", "core/registry", "core/port", "core/", "core/codec", "core/globals"],
    except: [
      {
        test: "core/collected.test.ts",
        why: "it waits for the garbage collector, for each mutant",
      },
    ],
    aim: 95,
  },
  {
    name: "memories/heap",
    files: "memories/heap/*.ts",
    tests: ["memories/heap/", "core/"],
    aim: 95,
  },
  {
    name: "memories/pages",
    files:
      "memories/pages/{call_filter,causes,layout,ledger,limits,meter,neighbours,placement,pool,region,reservation,shelf,sweep}.ts",
    tests: ["memories/pages/"],
    aim: 95,
  },
  {
    name: "engines",
    files: "engines/**/*.ts",
    tests: ["engines/", "features/crypto/"],
    aim: 90,
  },
  {
    name: "features/custodian/protocol",
    files: "features/custodian/protocol/*.ts",
    tests: ["features/custodian/"],
    aim: 90,
  },
  {
    name: "features/key_files",
    files:
      "features/key_files/{sealed_format,known_formats,known_texts,octal,key_shape,contents,mounts}.ts",
    tests: ["features/key_files/"],
    also: [
      "features/key_files/known_formats.test.ts",
      "features/key_files/sealed_format.test.ts",
      "features/key_files/key_files.test.ts",
      "features/key_files/key_misuse.test.ts",
      "features/key_files/sealed_is_never_plain.attack.test.ts",
    ],
    aim: 90,
  },
  {
    name: "features/prompt",
    files:
      "features/prompt/{characters,editor,input_grammar,key_codes,keys,line,normal_form,plain_text,utf8}.ts",
    tests: ["features/prompt/"],
    aim: 90,
  },
  { name: "features/crypto", files: "features/crypto/*.ts", tests: ["features/crypto/"], aim: 90 },
  {
    name: "features/keys",
    files: "features/keys/**/*.ts",
    tests: ["features/keys/"],
    also: ["arguments", "bounds", "checked", "forms", "signing"].map(
      (name) => `features/keys/${name}.test.ts`,
    ),
    aim: 90,
  },
  {
    name: "features/envelopes",
    files:
      "features/envelopes/{armor,armor_reader,armor_stream,base64,bech32,header,header_buffer,identity_file,parse_identities,payload,stanza}.ts",
    tests: ["features/envelopes/"],
    aim: 90,
  },
  {
    name: "features/agent/protocol",
    files: "features/agent/protocol/*.ts",
    tests: ["features/agent/"],
    aim: 90,
  },
];
