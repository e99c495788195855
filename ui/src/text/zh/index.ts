// Every visible string of the window that is not data, in Simplified Chinese. The shape is the English one; a test compares keys and placeholders.

import { app } from "./app";
import { batches } from "./batches";
import { history } from "./history";
import { inspector } from "./inspector";
import { rail } from "./rail";
import { renewals } from "./renewals";
import { requests } from "./requests";
import { resources } from "./resources";
import { settings } from "./settings";
import { table } from "./table";
import { wizard } from "./wizard";
import { words } from "./words";

export const zh = { ...app, ...words, rail, resources, inspector, wizard, renewals, requests, history, settings, table, batches };
