/** Where programs, the session and its bus are, as systems say it to programs; none of it is secret. */
const names = new Set(
  [
    ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'SHELL'],
    ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DESKTOP_SESSION', 'KDE_FULL_SESSION'],
    ['LD_LIBRARY_PATH', 'NODE_PATH', 'NAPI_RS_NATIVE_LIBRARY_PATH', '__CF_USER_TEXT_ENCODING'],
    ['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'PROGRAMDATA'],
    ['APPDATA', 'LOCALAPPDATA', 'USERPROFILE', 'USERNAME', 'USERDOMAIN', 'HOMEDRIVE', 'HOMEPATH'],
  ].flat(),
)
const prefixes = ['DBUS_', 'XDG_', 'LC_', 'GNOME_']

/**
 * The variables that a program needs which speaks to the keychain, and no others: there may be secrets
 * among them, and what was meant for this program (a debugger, a preloaded file) is not meant for it.
 */
export function helperEnv(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const isNeeded = (name: string) =>
    names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
  // Windows writes them as it likes.
  return Object.fromEntries(Object.entries(env).filter(([name]) => isNeeded(name.toUpperCase())))
}
