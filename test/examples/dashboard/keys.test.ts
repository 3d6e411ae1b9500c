import { describe, expect, it } from 'vitest'
import { until } from '../../e2e/browser/redirect/dashboard.ts'
import { browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import {
  buildBeforehand,
  click,
  createKey,
  fill,
  focusOn,
  rotateKey,
  statusWith,
  textOf,
  untilText,
  visitSignedIn,
  visitWithKey,
} from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()
const timeout = 90_000

const rows = `document.querySelectorAll('[aria-labelledby=keys] .rows > li').length`
const warning = `document.querySelector('[role=alert]')?.innerText ?? ''`

describe.each(browserNames)('API keys in %s', (browser) => {
  it('shows a new key in full, once, and it works', { timeout }, async (context) => {
    const { tab, platform, violations } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'No keys yet')
    const key = await createKey(tab, 'Build server')
    expect(key).toMatch(/^pk_\w+\.sk_\w+$/)
    expect(await statusWith(key, platform)).toBe(200)
    await click(tab, 'I have stored it')
    await untilText(tab, 'Build server')
    // The focus is where it was before the dialog.
    await until(tab, 'document.activeElement.innerText', 'New key')
    const [publicId = '', secret = ''] = key.split('.')
    const page = String(await tab.evaluate('document.documentElement.outerHTML'))
    expect(page).toContain(publicId)
    expect(page).not.toContain(secret)
    await tab.reload()
    await untilText(tab, publicId)
    await untilText(tab, secret, false)
    expect(violations).toEqual([])
  })

  it('copies the full key with the button, by keyboard alone', { timeout }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    await createKey(tab, 'Laptop')
    // The dialog opens with the focus on it.
    await until(tab, 'document.activeElement.innerText', 'Copy full key')
    await tab.press('Enter')
    await untilText(tab, 'The full key is on your clipboard.')
    await tab.press('Tab')
    await tab.press('v', 'Control')
    await untilText(tab, 'This is the full key.')
    // Escape does not lose what nobody can show again.
    for (let pressed = 0; pressed < 6; pressed++) {
      await tab.press('Escape')
      await until(tab, `document.querySelector('dialog')?.matches(':modal')`)
    }
    await click(tab, 'Done')
    await untilText(tab, 'Copy your key now', false)
  })

  it('warns while only the pk_ half is selected, and when it is copied or pasted', {
    timeout,
  }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    const key = await createKey(tab, 'Laptop')
    const [publicId = ''] = key.split('.')
    expect(await tab.evaluate(warning)).toBe('')

    const place = `document.querySelector('dialog .actions').getBoundingClientRect().top`
    const before = await tab.evaluate(place)
    await tab.doubleClick('dialog code span')
    await until(tab, 'String(getSelection()).trim()', publicId)
    const selected = 'You have selected only a part of the key. This is only the public half.'
    await until(tab, `(${warning}).startsWith(${JSON.stringify(selected)})`)
    // A press on a button ends the selection: what goes away then must not move the button.
    expect(await tab.evaluate(place)).toBe(before)
    await tab.evaluate('getSelection().removeAllRanges()')
    await until(tab, warning, '')

    await tab.doubleClick('dialog code span')
    await tab.press('c', 'Control')
    const copied = 'You have copied only a part of the key.'
    await until(tab, `(${warning}).startsWith(${JSON.stringify(copied)})`)
    // It stays: what is on the clipboard is still only a half.
    await tab.evaluate('getSelection().removeAllRanges()')
    await focusOn(tab, 'Paste it here to check your copy')
    await until(tab, `(${warning}).startsWith(${JSON.stringify(copied)})`)

    await tab.press('v', 'Control')
    await until(tab, 'document.activeElement.value', publicId)
    await untilText(tab, 'Copy the full string from the dashboard')
    expect(await tab.evaluate('document.activeElement.ariaInvalid')).toBe('true')

    await tab.evaluate(`getSelection().selectAllChildren(document.querySelector('dialog code'))`)
    await tab.press('c', 'Control')
    await until(tab, warning, '')
  })

  it('warns of a half in the list, and of a key that lacks its end', {
    timeout,
  }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    const key = await createKey(tab, 'Laptop')
    await fill(tab, 'Paste it here to check your copy', key.slice(0, -1))
    await untilText(tab, 'a part is missing')
    await click(tab, 'I have stored it')
    await tab.doubleClick('.rows code')
    await until(tab, `(${warning}).includes('selected only a part')`)
    await fill(tab, 'Check the form of a key', key.split('.')[1] ?? '')
    await untilText(tab, 'This is only the secret half.')
  })

  it('says of a pasted key only what it has looked at, and sends it nowhere', {
    timeout,
  }, async (context) => {
    const { tab, platform, key } = await visitWithKey({ browser }, context)
    const seen =
      'It has the form of a full key, and begins as “Laptop”. Its secret was not checked.'
    const before = platform.requests.length
    await fill(tab, 'Check the form of a key', key)
    await untilText(tab, seen)
    // Nothing tells these two apart without asking a service.
    await fill(tab, 'Check the form of a key', `${key.slice(0, -4)}0000`)
    await untilText(tab, seen)
    await fill(tab, 'Check the form of a key', 'pk_1234567890.sk_1234567890')
    await untilText(tab, 'is none of yours')
    expect(platform.requests.slice(before).map(({ url }) => url)).toEqual([])
    await click(tab, 'Revoke Laptop')
    await click(tab, 'Revoke key')
    await fill(tab, 'Check the form of a key', key)
    await untilText(tab, 'It begins as “Laptop”, which is revoked.')
  })

  it('shows a key of one part as one word, and warns of less', { timeout }, async (context) => {
    const { tab } = await visitSignedIn({ browser, platform: { generation: '2026' } }, context)
    const key = await createKey(tab, 'Laptop')
    expect(key).toMatch(/^lano_[0-9a-f]{64}$/)
    await tab.doubleClick('dialog code span')
    await until(tab, 'String(getSelection()).trim()', key)
    expect(await tab.evaluate(warning)).toBe('')
    await tab.evaluate(
      `getSelection().setBaseAndExtent(document.querySelector('dialog code span').firstChild, 0, document.querySelector('dialog code span').firstChild, 12)`,
    )
    await until(tab, `(${warning}).includes('selected only a part of the key')`)
  })

  it('rotates a key: the old one works until the person has stored the new one', {
    timeout,
  }, async (context) => {
    const { tab, platform, key: old } = await visitWithKey({ browser }, context)
    const key = await rotateKey(tab, 'Laptop')
    expect(key).not.toBe(old)
    await untilText(tab, 'The old key, Laptop, works until you close this.')
    expect(await statusWith(key, platform)).toBe(200)
    expect(await statusWith(old, platform)).toBe(200)
    await click(tab, 'I have stored it')
    await untilText(tab, 'Copy your key now', false)
    expect(await statusWith(key, platform)).toBe(200)
    expect(await statusWith(old, platform)).toBe(401)
    await untilText(tab, 'Revoked')
    // The button of the row is gone.
    await until(tab, 'document.activeElement.innerText', 'API keys')
  })

  it('loses no key when the answer to a rotation is cut, and says so', {
    timeout,
  }, async (context) => {
    const { tab, platform, key: old } = await visitWithKey({ browser }, context)
    platform.order({ match: 'POST /api/v1/auth/api-keys', times: 1, action: 'cut-answer' })
    await click(tab, 'Rotate Laptop')
    await click(tab, 'Rotate key')
    await until(tab, `(${warning}).includes('“Laptop” was not changed.')`)
    await until(tab, `(${warning}).includes('nobody has its secret: revoke it.')`)
    expect(await statusWith(old, platform)).toBe(200)
    // What the service has made all the same is seen, to be revoked.
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([true, true])
    await until(tab, rows, 2)
  })

  it('keeps the old key of a rotation whose tab is closed', { timeout }, async (context) => {
    const { tab, open, platform, key: old } = await visitWithKey({ browser }, context)
    await rotateKey(tab, 'Laptop')
    await tab.close()
    const other = await open()
    await until(other, rows, 2)
    expect(await statusWith(old, platform)).toBe(200)
  })

  it('says that the old key of a rotation may still work, when it could not be revoked', {
    timeout,
  }, async (context) => {
    const { tab, platform, key: old } = await visitWithKey({ browser }, context)
    const key = await rotateKey(tab, 'Laptop')
    const match = 'POST /api/v1/auth/api-keys/*'
    platform.order({ match, action: { status: 403 } })
    await click(tab, 'I have stored it')
    await until(tab, `(${warning}).includes('“Laptop”, could not be revoked and may still work.')`)
    expect(await textOf(tab, 'dialog code')).toBe(key)
    await untilText(tab, 'works until you close this', false)
    expect(await statusWith(old, platform)).toBe(200)
    await click(tab, 'Close')
    await untilText(tab, 'Copy your key now', false)
  })

  it('revokes a key only after a question', { timeout }, async (context) => {
    const { tab, platform, key } = await visitWithKey({ browser }, context)
    await click(tab, 'Revoke Laptop')
    await tab.press('Escape')
    await untilText(tab, 'Every program that uses this key', false)
    expect(await statusWith(key, platform)).toBe(200)
    await click(tab, 'Revoke Laptop')
    await click(tab, 'Revoke key')
    await untilText(tab, '“Laptop” is revoked.')
    expect(await statusWith(key, platform)).toBe(401)
    // Its button is gone: the focus is on the heading of the list.
    await until(tab, 'document.activeElement.innerText', 'API keys')
  })

  it('says in the dialog why a key could not be made', { timeout }, async (context) => {
    const { tab, platform } = await visitWithKey({ browser }, context)
    await click(tab, 'New key')
    await fill(tab, 'Name', 'Laptop')
    await click(tab, 'Create key')
    await until(tab, `(${warning}).includes('already exists')`)
    await fill(tab, 'Name', 'Another laptop')
    await click(tab, 'Create key')
    await untilText(tab, 'Copy your key now')
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['Laptop', 'Another laptop'])
  })
})
