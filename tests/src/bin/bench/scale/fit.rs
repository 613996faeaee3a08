//! A straight line through measured points; pure.

/// `at_zero + slope × x`, by least squares of the relative error: points may lie decades apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub(super) at_zero: f64,
    pub(super) slope: f64,
    /// How far the worst point is off, for each one of its value.
    pub(super) off: f64,
}

impl Fit {
    /// The line through these points; none where they do not tell one.
    pub(super) fn of(points: &[(f64, f64)]) -> Option<Self> {
        let (mut weights, mut by_x, mut by_y) = (0.0, 0.0, 0.0);
        let (mut squares, mut products) = (0.0, 0.0);
        for (x, y) in points {
            let weight = (y * y).recip();
            weights += weight;
            by_x += weight * x;
            by_y += weight * y;
            squares += weight * x * x;
            products += weight * x * y;
        }
        let slope = (weights * products - by_x * by_y) / (weights * squares - by_x * by_x);
        let at_zero = (by_y - slope * by_x) / weights;
        let off = |(x, y): &(f64, f64)| ((at_zero + slope * x) / y - 1.0).abs();
        let off = points.iter().map(off).fold(0.0, f64::max);
        (slope.is_finite() && at_zero.is_finite()).then_some(Self {
            at_zero,
            slope,
            off,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_is_found_again() {
        let points = [1.0, 10.0, 1000.0].map(|x| (x, 2.0 + 0.5 * x));
        let fit = Fit::of(&points).unwrap();
        assert!((fit.at_zero - 2.0).abs() < 1e-6, "{fit:?}");
        assert!((fit.slope - 0.5).abs() < 1e-6, "{fit:?}");
        assert!(fit.off < 1e-6, "{fit:?}");
    }

    #[test]
    fn what_is_off_is_told() {
        let fit = Fit::of(&[(1.0, 1.0), (2.0, 2.5), (3.0, 3.0)]).unwrap();
        assert!((0.05..0.25).contains(&fit.off), "{fit:?}");
    }

    #[test]
    fn one_point_tells_no_law() {
        assert_eq!(Fit::of(&[(1.0, 1.0)]), None);
        assert_eq!(Fit::of(&[]), None);
    }
}
