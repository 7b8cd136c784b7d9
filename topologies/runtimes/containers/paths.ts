/** Where things are in the lab's containers. */
export const THERE = { service: '/srv/service', applications: '/srv/apps', events: '/srv/events' } as const
