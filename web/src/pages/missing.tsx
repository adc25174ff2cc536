import { t } from '../core/i18n';
import { Empty } from '../ui/bits';
import { Button } from '../ui/button';
import { View } from './shell';

export default function Missing() {
  return <View title={t('page.missing')}><div class="panel"><Empty title={t('page.missing')} text={t('page.missing.text')} art="search"><Button kind="primary" href="/">{t('nav.projects')}</Button></Empty></div></View>;
}
