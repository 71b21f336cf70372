// Preloaded by tests: `require("koffi")` gives the module at LETHE_TEST_KOFFI, and without that none.
const Module = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...others) => {
  if (request !== "koffi") return resolve(request, ...others);
  const path = process.env.LETHE_TEST_KOFFI;
  if (path) return resolve(path, ...others);
  throw Object.assign(new Error("Cannot find module 'koffi'"), { code: "MODULE_NOT_FOUND" });
};
