//! How far the embedded table is from the kernel.

use orrery::astro::Body;
use orrery::astro::ephemeris::{EPHEMERIS_VERSION, sky};

use crate::reduction::{Observer, Sources, nutation};

/// Prints the largest and the mean square difference of every body over random instants of 1850 to 2150.
///
/// The table leaves the deflection of light to the program, so instants where a body is within 90 degrees of the
/// Sun are counted for Sun, Moon and true node only.
pub fn report(sources: &Sources, samples: u32) {
    let mut worst = [[0.0_f64; 2]; 12];
    let mut squares = [[0.0_f64; 2]; 12];
    let mut counted = [0_u32; 12];
    for i in 0..samples {
        // Golden-ratio steps spread the instants evenly and irregularly.
        let place = (f64::from(i) * 0.618_033_988_749_894_8).fract();
        let jd = 2_396_758.5 + place * 109_572.0;
        let seen = sky(jd);
        let observer = Observer::at(sources, jd);
        let (dpsi, _) = nutation(jd);
        let sun = observer.apparent(0).longitude;
        for body in Body::ALL {
            let (longitude, latitude) = match body {
                Body::MeanNode => continue,
                Body::TrueNode => (observer.true_node(), 0.0),
                _ => {
                    let place = observer.apparent(body.index());
                    (place.longitude, place.latitude)
                }
            };
            if body.index() > 1 && body != Body::TrueNode && (longitude - sun).cos() > 0.0 {
                continue;
            }
            let place = seen.place(body);
            let difference = [
                wrap_deg(place.longitude_deg - (longitude + dpsi).to_degrees()) * 3600.0,
                (place.latitude_deg - latitude.to_degrees()) * 3600.0,
            ];
            for axis in 0..2 {
                worst[body.index()][axis] = worst[body.index()][axis].max(difference[axis].abs());
                squares[body.index()][axis] += difference[axis] * difference[axis];
            }
            counted[body.index()] += 1;
        }
    }
    println!("{EPHEMERIS_VERSION}: arcseconds from the kernel");
    for body in Body::ALL.into_iter().filter(|body| counted[body.index()] > 0) {
        let n = f64::from(counted[body.index()]);
        let ([lon, lat], [lon2, lat2]) = (worst[body.index()], squares[body.index()]);
        let (lon_rms, lat_rms) = ((lon2 / n).sqrt(), (lat2 / n).sqrt());
        println!(
            "{:10} longitude {lon:.4} (rms {lon_rms:.4})  latitude {lat:.4} (rms {lat_rms:.4})",
            body.name()
        );
    }
}

fn wrap_deg(degrees: f64) -> f64 {
    degrees - 360.0 * (degrees / 360.0).round()
}
