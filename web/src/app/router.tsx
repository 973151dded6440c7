import type { QueryCache, QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { setCsrf, wasSignedIn } from '@/shared/api/client'
import { isSignedOut } from '@/shared/api/problem'
import { makeQueryClient, metaQuery, sessionQuery } from '@/shared/api/queries'
import { parseSearch, type Search, stringifySearch } from '@/shared/url/search'
import { FailedPage, NotFoundPage } from './Failed'
import { pages } from './pages'
import { Frame } from './shell/Frame'
import { FrameSkeleton } from './shell/FrameSkeleton'

export const queryClient: QueryClient = makeQueryClient()

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  validateSearch: (search: Record<string, unknown>) => search as Search,
  notFoundComponent: NotFoundPage,
  errorComponent: FailedPage,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('@/features/sign-in/SignInPage'), 'SignInPage'),
})

const firstRun = createRoute({
  getParentRoute: () => root,
  path: '/first-run',
  component: lazyRouteComponent(() => import('@/features/first-run/FirstRunPage'), 'FirstRunPage'),
})

const setPassword = createRoute({
  getParentRoute: () => root,
  path: '/set-password',
  component: lazyRouteComponent(() => import('@/features/set-password/SetPasswordPage'), 'SetPasswordPage'),
})

/** Everything behind the sign-in: the frame and its pages. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  pendingComponent: FrameSkeleton,
  pendingMs: 80,
  beforeLoad: async ({ context, location }) => {
    try {
      await Promise.all([
        context.queryClient.ensureQueryData(sessionQuery),
        context.queryClient.ensureQueryData(metaQuery),
      ])
    } catch (error) {
      if (isSignedOut(error)) {
        const ended = wasSignedIn()
        setCsrf(null)
        throw redirect({ to: '/sign-in', search: signInSearch(location.href, ended) as never })
      }
      throw error
    }
  },
})

const framed = pages.map((page) =>
  createRoute({
    getParentRoute: () => frame,
    path: page.path,
    component: lazyRouteComponent(page.load, 'Page'),
    errorComponent: FailedPage,
  }),
)

export const router = createRouter({
  routeTree: root.addChildren([signIn, firstRun, setPassword, frame.addChildren(framed)]),
  context: { queryClient },
  parseSearch: (text) => parseSearch(text) as Record<string, unknown>,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  notFoundMode: 'root',
})

/** Where to return to after signing in, the start page needs no mention; and whether a session was there before. */
function signInSearch(href: string, ended: boolean): Search {
  return { ...(href === '/' ? {} : { to: href }), ...(ended ? { ended: '1' } : {}) }
}

// A session that ends while a page is open leads to the sign-in, whichever question noticed it.
queryClient.getQueryCache().config.onError = ((error) => {
  const { pathname, href } = router.state.location
  if (!isSignedOut(error) || pathname === '/sign-in' || pathname === '/first-run' || pathname === '/set-password')
    return
  // Before anybody was seen here, the frame's own way in leads there.
  if (queryClient.getQueryData(sessionQuery.queryKey) === undefined) return
  setCsrf(null)
  queryClient.removeQueries()
  void router.navigate({ to: '/sign-in' as never, search: signInSearch(href, true) as never })
}) satisfies QueryCache['config']['onError']
