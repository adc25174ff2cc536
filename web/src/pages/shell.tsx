/* The frame of every page behind the login: side register for managers, top bar for people who label, and the head of a
   page. Help is always the same button in the same place. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { focusOn } from '../core/a11y';
import { t } from '../core/i18n';
import { go, path } from '../core/router';
import { isAuditor, isManager, logout, person, session } from '../core/session';
import { Face } from '../ui/bits';
import { Button } from '../ui/button';
import { Brand, Icon } from '../ui/icon';
import type { IconName } from '../ui/paths';
import { Popover } from '../ui/popover';
import { flipTheme, helpOpen, moved } from './look';
import { unread, watchNotices } from './notices';

interface Place { href: string; icon: IconName; text: string; on: boolean }

function places(): Place[] {
  const at = path.value;
  const list: Place[] = [{ href: '/', icon: 'grid', text: t('nav.projects'), on: at === '/' || at.startsWith('/projects') }];
  if (isAuditor.value) {
    list.push({ href: '/people', icon: 'people', text: t('nav.people'), on: at === '/people' });
    list.push({ href: '/vendors', icon: 'ship', text: t('nav.vendors'), on: at === '/vendors' });
  }
  list.push({ href: '/tokens', icon: 'key', text: t('nav.tokens'), on: at === '/tokens' });
  return list;
}

async function leave() { await logout().catch(() => {}); go('/user/login'); }

function Side() {
  const who = person.value;
  return <nav class="side not-s" aria-label={t('nav.label')}>
    <a class="brand" href="/"><Brand name={t('app')} /></a>
    {places().map(p => <a key={p.href} class="nav" href={p.href} aria-current={p.on ? 'page' : undefined}><Icon i={p.icon} />{p.text}</a>)}
    <a class="nav" href="/notices" aria-current={path.value === '/notices' ? 'page' : undefined}><Icon i="bell" />{t('notices')}<Fresh /></a>
    <p class="cap cut">{session.value?.org.name}</p>
    <span class="push" />
    <button type="button" class="nav btn quiet" onClick={() => { helpOpen.value = true; }}><Icon i="help" />{t('help')}<kbd class="end" aria-hidden="true">?</kbd></button>
    <button type="button" class="nav btn quiet" onClick={flipTheme}><Icon i="theme" />{t('theme.flip')}</button>
    <a class="nav" href="/account" aria-current={path.value === '/account' ? 'page' : undefined}><Face name={who?.name || who?.email || '?'} /><span class="cut">{who?.name || who?.email}</span></a>
    <button type="button" class="nav btn quiet" onClick={leave}><Icon i="out" />{t('logout')}</button>
  </nav>;
}

function TopBar({ always }: { always: boolean }) {
  const who = person.value;
  return <header class={`topbar hb ${always ? '' : 'only-s'}`}>
    <a class="brand bp0" href="/"><Brand name={t('app')} /></a>
    <nav class="row not-s" aria-label={t('nav.label')}>
      {always && places().map(p => <a key={p.href} class="nav" href={p.href} aria-current={p.on ? 'page' : undefined}>{p.text}</a>)}
    </nav>
    <span class="grow" />
    <a class="btn quiet icon bell" href="/notices" aria-label={t('notices')} title={t('notices')}><Icon i="bell" /><Fresh /></a>
    <Button kind="quiet" icon="help" name={t('help')} combo="?" onClick={() => { helpOpen.value = true; }} cls="not-s" />
    <Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} cls={always ? 'not-s' : ''} />
    <Popover end kind="quiet" label={<><Face name={who?.name || who?.email || '?'} /><span class="vh">{t('menu')}</span></>}>{close => <>
      <span class="cap small mute cut menu-who">{who?.email}</span>
      {places().map(p => <a key={p.href} class="nav" href={p.href} aria-current={p.on ? 'page' : undefined} onClick={close}><Icon i={p.icon} />{p.text}</a>)}
      <a class="nav" href="/account" onClick={close}><Icon i="gear" />{t('nav.account')}</a>
      <button type="button" class="nav btn quiet" onClick={() => { close(); helpOpen.value = true; }}><Icon i="help" />{t('help')}</button>
      <button type="button" class="nav btn quiet" onClick={flipTheme}><Icon i="theme" />{t('theme.flip')}</button>
      <button type="button" class="nav btn quiet" onClick={leave}><Icon i="out" />{t('logout')}</button>
    </>}</Popover>
  </header>;
}

/** How many notices are new; said in words for those who do not see the dot. */
function Fresh() {
  const n = unread.value;
  return n > 0 ? <span class="fresh-n"><span aria-hidden="true">{n > 99 ? '99+' : n}</span><span class="vh">{t('notices.unread', { n })}</span></span> : null;
}

export function Shell({ children }: { children: ComponentChildren }) {
  const managing = isAuditor.value;
  useEffect(watchNotices, []);
  return <>
    <a class="skip-link" href="#main" onClick={e => { e.preventDefault(); focusOn(document.getElementById('main')); }}>{t('skip')}</a>
    {managing
      ? <div class="app"><Side /><div class="main"><TopBar always={false} />{children}</div></div>
      : <div class="home"><TopBar always />{children}</div>}
  </>;
}

interface Head { title: string; crumb?: { href: string; text: string }[]; state?: ComponentChildren; acts?: ComponentChildren; tabs?: ComponentChildren; cls?: string; children: ComponentChildren }

/** A page: its heading takes focus after a move, its name is the window's title. */
export function View({ title, crumb, state, acts, tabs, cls = 'body', children }: Head) {
  const h = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${title} · ${t('app')}`; }, [title]);
  useEffect(() => { if (moved() && document.activeElement === document.body) focusOn(h.current); }, []);
  return <main id="main" tabIndex={-1}>
    <header class="head">
      <div class="grow col flat">
        {crumb && crumb.length > 0 && <nav class="crumb small" aria-label={t('nav.where')}>{crumb.map((c, i) =>
          <span class="row tight" key={c.href}>{i > 0 && <Icon i="chev" />}<a href={c.href} dir="auto">{c.text}</a></span>)}</nav>}
        <div class="row wrap"><h1 ref={h} dir="auto" class="headline">{title}</h1>{state}</div>
      </div>
      {acts && <div class="row wrap">{acts}</div>}
    </header>
    {tabs}
    <div class={cls}>{children}</div>
  </main>;
}

/** One entry of the register: a caption in the margin, the matter beside it. */
export function Entry({ title, text, side, children }: { title: string; text?: string; side?: ComponentChildren; children: ComponentChildren }) {
  return <section class="entry"><header><h2>{title}</h2>{text && <p>{text}</p>}{side}</header><div class="col wide min0">{children}</div></section>;
}

export function mayCreate(): boolean { return isManager.value; }
