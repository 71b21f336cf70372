// Preloaded by tests: `require("sodium-native")` finds none.
const Module = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...others) => {
  if (request !== "sodium-native") return resolve(request, ...others);
  throw Object.assign(new Error("Cannot find module 'sodium-native'"), {
    code: "MODULE_NOT_FOUND",
  });
};
