// Eyes and hands of the tests inside GNOME Shell 43: an object on the session bus, made by one call
// of org.gnome.Shell.Eval, which --unsafe-mode allows. Gives whether the shell is ready for it.
(() => {
    const {Clutter, Gio, GLib, Gtk, Shell, St} = imports.gi;
    const Main = imports.ui.main;
    const PATH = '/chat/hallway/Tests/Shell';
    const NAME = 'chat.hallway.Tests.Shell';
    const INTERFACE = `<node><interface name="${NAME}">
        <method name="Windows"><arg direction="out" type="a(tssubb(iiii))"/></method>
        <method name="Activate"><arg direction="in" type="t"/></method>
        <method name="Minimize"><arg direction="in" type="t"/></method>
        <method name="Close"><arg direction="in" type="t"/></method>
        <method name="Resize"><arg direction="in" type="t"/><arg direction="in" type="i"/>
            <arg direction="in" type="i"/></method>
        <method name="App"><arg direction="in" type="s"/><arg direction="out" type="(ssasu)"/></method>
        <method name="Launch"><arg direction="in" type="s"/><arg direction="in" type="s"/></method>
        <method name="Read"><arg direction="in" type="s"/><arg direction="out" type="a(s(iiii))"/></method>
        <method name="Notifications"><arg direction="out" type="a(sssas)"/></method>
        <method name="Overview"><arg direction="in" type="b"/><arg direction="out" type="b"/></method>
        <method name="Copy"><arg direction="in" type="s"/></method>
        <method name="Copied"><arg direction="out" type="s"/></method>
        <method name="Press"><arg direction="in" type="s"/></method>
        <method name="Type"><arg direction="in" type="s"/></method>
        <method name="Point"><arg direction="in" type="i"/><arg direction="in" type="i"/></method>
        <method name="Click"><arg direction="in" type="i"/><arg direction="in" type="i"/>
            <arg direction="in" type="u"/></method>
    </interface></node>`;
    const MODIFIERS = {
        ctrl: Clutter.KEY_Control_L,
        shift: Clutter.KEY_Shift_L,
        alt: Clutter.KEY_Alt_L,
        super: Clutter.KEY_Super_L,
    };
    // What a US keyboard has above other characters.
    const SHIFTED = /[A-Z~!@#$%^&*()_+{}|:"<>?]/;

    if (Main.layoutManager._startingUp)
        return false;

    const seat = Clutter.get_default_backend().get_default_seat();
    const keyboard = seat.create_virtual_device(Clutter.InputDeviceType.KEYBOARD_DEVICE);
    const mouse = seat.create_virtual_device(Clutter.InputDeviceType.POINTER_DEVICE);
    const {PRESSED, RELEASED} = Clutter.KeyState;
    const clipboard = St.Clipboard.get_default();
    const icons = new Gtk.IconTheme();
    icons.set_custom_theme('Adwaita');

    // Mutter has the keyboard in another thread, and tells programs of the modifiers that hold when
    // it gets there: in a burst, Shift would be let go of by then. So strokes take their time, as
    // fingers do, and more of it while a modifier is held.
    const STROKE_MS = 10;
    const STROKE_WITH_MODIFIER_MS = 100;

    function pause(milliseconds) {
        return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_LOW, milliseconds, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
    }

    async function strike(strokes, invocation) {
        const modifiers = Object.values(MODIFIERS);
        const held = new Set();
        for (const [symbol, state] of strokes) {
            keyboard.notify_keyval(GLib.get_monotonic_time(), symbol, state);
            const isSlow = held.size > 0 || modifiers.includes(symbol);
            if (modifiers.includes(symbol))
                held[state === PRESSED ? 'add' : 'delete'](symbol);
            await pause(isSlow ? STROKE_WITH_MODIFIER_MS : STROKE_MS);
        }
        invocation.return_value(null);
    }

    function tap(symbols) {
        const down = symbols.map(symbol => [symbol, PRESSED]);
        const up = symbols.map(symbol => [symbol, RELEASED]);
        return [...down, ...up.reverse()];
    }

    function windows() {
        const all = global.get_window_actors().map(actor => actor.meta_window);
        // One that is not drawn yet has no size.
        return all.filter(window => window.get_frame_rect().width > 0);
    }

    function windowOf(id) {
        const found = windows().find(window => window.get_id() === id);
        if (!found)
            throw new Error(`There is no window ${id}`);
        return found;
    }

    function appOf(id) {
        const found = Shell.AppSystem.get_default().lookup_app(`${id}.desktop`);
        if (!found)
            throw new Error(`There is no entry ${id}`);
        return found;
    }

    function regionOf(name) {
        const controls = Main.overview._overview.controls;
        switch (name) {
        case 'apps': return controls.appDisplay;
        case 'banner': return Main.messageTray;
        case 'dash': return controls.dash;
        case 'everything': return Main.layoutManager.uiGroup;
        case 'search': return controls._searchController._searchResults;
        }
        throw new Error(`There is no region ${name}`);
    }

    // What it is called: a text that is painted, or a name for who cannot see the picture.
    function textOf(actor) {
        if (actor instanceof Clutter.Text)
            return actor.text;
        if (actor instanceof St.Widget)
            return actor.accessible_name ?? actor.label_actor?.text;
        return '';
    }

    function placeOf(actor) {
        const [x, y] = actor.get_transformed_position();
        const [width, height] = actor.get_transformed_size();
        return [x, y, width, height].map(Math.round);
    }

    function read(actor, found) {
        if (!actor.mapped || actor.get_paint_opacity() === 0)
            return;
        const text = textOf(actor);
        if (text)
            found.push([text, placeOf(actor)]);
        actor.get_children().forEach(child => read(child, found));
    }

    const self = {
        Windows() {
            const tracker = Shell.WindowTracker.get_default();
            return windows().map(window => {
                const {x, y, width, height} = window.get_frame_rect();
                return [
                    window.get_id(), window.get_title() ?? '',
                    tracker.get_window_app(window)?.get_id() ?? '', window.get_pid(),
                    window.has_focus(), window.minimized, [x, y, width, height],
                ];
            });
        },
        Activate(id) {
            Main.activateWindow(windowOf(id), global.display.get_current_time_roundtrip());
        },
        Minimize(id) {
            windowOf(id).minimize();
        },
        Close(id) {
            windowOf(id).delete(global.display.get_current_time_roundtrip());
        },
        Resize(id, width, height) {
            const window = windowOf(id);
            const {x, y} = window.get_frame_rect();
            window.move_resize_frame(true, x, y, width, height);
        },
        App(id) {
            const app = appOf(id);
            const name = app.get_app_info().get_icon().to_string();
            const icon = icons.lookup_icon(name, 64, 0)?.get_filename() ?? '';
            const actions = app.get_app_info().list_actions();
            return [app.get_name(), icon, actions, app.get_n_windows()];
        },
        Launch(id, action) {
            const now = global.display.get_current_time_roundtrip();
            if (action)
                appOf(id).launch_action(action, now, -1);
            else
                appOf(id).activate_full(-1, now);
        },
        Read(region) {
            const found = [];
            read(regionOf(region), found);
            return found;
        },
        Notifications() {
            const sources = Main.messageTray.getSources();
            return sources.flatMap(source => source.notifications.map(one => [
                source._appId ?? '', one.title ?? '', one.bannerBodyText ?? '',
                one.actions.map(action => action.label),
            ]));
        },
        Overview(shown) {
            const {visible, animationInProgress} = Main.overview;
            if (!animationInProgress && shown !== visible)
                Main.overview.toggle();
            const arrived = shown === Main.overview.visible && !Main.overview.animationInProgress;
            // What is typed at once goes there and nowhere else.
            if (arrived && shown)
                Main.overview.focusSearch();
            return arrived;
        },
        Copy(text) {
            clipboard.set_text(St.ClipboardType.CLIPBOARD, text);
        },
        CopiedAsync(_nothing, invocation) {
            clipboard.get_text(St.ClipboardType.CLIPBOARD, (_clipboard, text) =>
                invocation.return_value(new GLib.Variant('(s)', [text ?? ''])));
        },
        PressAsync([keys], invocation) {
            const names = keys.split('+');
            const symbols = names.map(name => MODIFIERS[name] ?? Clutter[`KEY_${name}`]);
            if (symbols.includes(undefined))
                invocation.return_dbus_error(`${NAME}.Error`, `There are no such keys: ${keys}`);
            else
                strike(tap(symbols), invocation);
        },
        TypeAsync([text], invocation) {
            strike([...text].flatMap(character => {
                const symbol = Clutter.unicode_to_keysym(character.codePointAt(0));
                return tap(SHIFTED.test(character) ? [MODIFIERS.shift, symbol] : [symbol]);
            }), invocation);
        },
        Point(x, y) {
            mouse.notify_absolute_motion(GLib.get_monotonic_time(), x, y);
        },
        Click(x, y, button) {
            this.Point(x, y);
            const {BUTTON_PRIMARY, BUTTON_SECONDARY} = Clutter;
            const number = button === 1 ? BUTTON_PRIMARY : BUTTON_SECONDARY;
            for (const state of [Clutter.ButtonState.PRESSED, Clutter.ButtonState.RELEASED])
                mouse.notify_button(GLib.get_monotonic_time(), number, state);
        },
    };

    // Nothing slides: what is there is where it stays.
    St.Settings.get().inhibit_animations();
    // The shell itself misses a screen lock, and finds that root should not be here.
    const silence = source => source._appId || source.destroy();
    Main.messageTray.getSources().forEach(silence);
    Main.messageTray.connect('source-added', (_tray, source) => {
        GLib.idle_add(GLib.PRIORITY_DEFAULT, () => {
            silence(source);
            return GLib.SOURCE_REMOVE;
        });
    });
    self.exported = Gio.DBusExportedObject.wrapJSObject(INTERFACE, self);
    self.exported.export(Gio.DBus.session, PATH);
    // Held by what lives as long as the shell.
    global.hallway = self;
    return true;
})()
