import type { TextFormat } from '../../record/text-format.ts';
import { CLOUD } from './shipped-cloud.ts';
import { LIBRARIES } from './shipped-libraries.ts';
import { SERVERS } from './shipped-servers.ts';
import { GENERIC } from './shipped-generic.ts';

/** The formats of text headers that ship. Of several that fit a line the first reads it: special ones stand before general ones. */
export const SHIPPED: readonly TextFormat[] = [...CLOUD, ...LIBRARIES, ...SERVERS, ...GENERIC];
