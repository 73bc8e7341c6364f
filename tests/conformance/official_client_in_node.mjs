// @ts-check
// Plays the scenarios in Node.js against the address given; prints the results as JSON.
import { createRequire } from "node:module";

import { play } from "./official_client.mjs";

const { Manager } = createRequire(new URL("../../web/package.json", import.meta.url))("socket.io-client");

process.stdout.write(JSON.stringify(await play(Manager, process.argv[2], { together: true })));
process.exit(0);
