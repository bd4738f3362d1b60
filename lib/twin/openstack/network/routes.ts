/** Neutron: networks, subnets, ports, routers, security groups, floating addresses. */
import { guarded } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import type { Route } from '../wire.ts';
import { aboutRoutes } from './agents.ts';
import { floatingRoutes } from './floating.ts';
import { networkRoutes } from './networks.ts';
import { portRoutes } from './ports.ts';
import { routerRoutes } from './routers.ts';
import { securityRoutes } from './security.ts';
import { subnetRoutes } from './subnets.ts';
import { tagRoutes } from './tags.ts';

export function neutronRoutes(context: CloudContext): readonly Route[] {
  return guarded([
    ...networkRoutes(context),
    ...subnetRoutes(context),
    ...portRoutes(context),
    ...routerRoutes(context),
    ...securityRoutes(context),
    ...floatingRoutes(context),
    ...tagRoutes(context),
    ...aboutRoutes(context),
  ]);
}
